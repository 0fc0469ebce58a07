"""Panel: what a millisecond buys, where both quality and time were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analysis.distillation.metrics import task_title
from analysis.distillation.record import read_experiment
from analysis.latency.measure import Told
from analysis.latency.profile import LatencyProfile, Progress
from analysis.latency.quality_tradeoff import Trade, graded, trades
from analysis.latency.summary import place
from analysis.models.pairs import EMBEDDED, PAIRS
from cache import latency as measuring
from dashboard.charts import cost as charts
from dashboard.latency.controls import Asked
from dashboard.latency.measure_button import keep, kept, on_request
from dashboard.latency.wording import conditions
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import SHORT

ELSEWHERE = (
    "The quality of this pair has not been measured by DistilLens, so it cannot stand beside its time: choose the "
    "embedded pair, whose evaluation comes with it."
)


def quality(asked: Asked) -> None:
    """Quality by task against the median time of a pass, for the embedded pair."""
    if asked.question.pair != PAIRS["embedded"]:
        st.html(markup.note(ELSEWHERE))
        return
    experiment = read_experiment(EMBEDDED)
    known, missing = graded(experiment, asked.question.pair.checkpoints)
    if missing:
        names = ", ".join(map(task_title, missing))
        st.html(markup.note(f"No quality was measured for {names}, so that no time is measured here either."))
    found = trades(experiment, _profiles(asked, known))
    if not found:
        return
    st.html("".join(markup.element("p", "", markup.escaped(trade.finding)) for trade in found))
    chart(charts.quality(found), "latency quality")
    st.caption(
        "How to read this: farther up is better (the axis does not begin at 0), farther left is faster; a dotted line "
        "joins the two models on a task. Both lines through a dot are 95 % intervals: upward over test examples, "
        "across over rounds. Quality is that of the whole test set (page Distillation), time that of one pass of "
        f"{place('tokens', asked.setting.tokens or 0)}, {conditions(asked.setting)}."
    )
    numbers("The numbers as a table", "latency quality", lambda: trades_table(found))


def _profiles(asked: Asked, tasks: Sequence[str]) -> dict[str, LatencyProfile]:
    """The button, and the profile of each task that was measured in this session."""
    keys = {task: ("task", asked.question.pair.sides(task), task, asked.setting) for task in tasks}

    def measure(told: Told) -> None:
        for done, task in enumerate(tasks):

            def tell(progress: Progress, done: int = done, task: str = task) -> None:
                keep(keys[task], progress.so_far)
                share = (done + progress.share) / len(tasks)
                rest = (len(tasks) - done - 1) * progress.seconds_left / max(1 - progress.share, 0.01)
                told(replace(progress, share=share, seconds_left=progress.seconds_left + rest))

            sides = asked.question.pair.sides(task)
            keep(keys[task], measuring.latency_profile(sides, task, asked.setting, rounds=asked.rounds, progress=tell))

    on_request("Measure every task", any(kept(key) for key in keys.values()), measure)
    return {task: profile for task, key in keys.items() if (profile := kept(key))}


def trades_table(found: Sequence[Trade]) -> dict[str, Sequence[object]]:
    """Every drawn point with both intervals, a row a task and model."""
    rows = [
        (
            trade.title,
            trade.metric,
            name,
            *(round(100 * value, 6) for value in (score.value, score.low, score.high)),
            *(round(value, 6) for value in (time.value, time.low, time.high)),
        )
        for trade in found
        for name, score, time in zip(SHORT, trade.quality, trade.p50, strict=True)
    ]
    scores = ("Quality (%)", "Quality, low", "Quality, high")
    header = ("Task", "Metric", "Model", *scores, "p50 (ms)", "p50, low", "p50, high")
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
