"""The tab Quality per millisecond, for pairs of which both quality and time were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analysis.distillation.metrics import task_title
from analysis.distillation.record import read_experiment
from analysis.latency.measure import ProgressCallback
from analysis.latency.profile import LatencyProfile, Progress
from analysis.latency.quality_tradeoff import Tradeoff, graded, tradeoffs
from analysis.latency.summary import place
from analysis.models.pairs import EMBEDDED, PAIRS
from cache import latency as measuring
from cache.measurements import asked
from dashboard.charts import cost as charts
from dashboard.export.columns import Columns, of_rows
from dashboard.latency.controls import MeasurementRequest
from dashboard.latency.measure_button import on_request, said_to_be_shipped
from dashboard.latency.wording import conditions
from dashboard.measurements import keep, kept, show
from dashboard.page_links import link_to_page
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import SHORT

MEASURE = "Measure every task"
ELSEWHERE = (
    "DistilLens has not measured the quality of this pair, so it cannot be compared with its time: choose the embedded "
    "pair, whose evaluation ships with it."
)


def quality(request: MeasurementRequest) -> None:
    """Quality by task against the median time of a pass, for the embedded pair."""
    if request.question.pair != PAIRS["embedded"]:
        st.html(markup.note(ELSEWHERE))
        return
    experiment = read_experiment(EMBEDDED)
    known, missing = graded(experiment, request.question.pair.checkpoints)
    if missing:
        names = ", ".join(map(task_title, missing))
        st.html(markup.note(f"Quality was not measured for {names}, so time is not measured here either."))
    points = tradeoffs(experiment, _profiles(request, known))
    if not points:
        return
    st.html("".join(markup.element("p", "", markup.escaped(tradeoff.finding)) for tradeoff in points))
    chart(drawn(charts.quality, points), "latency quality")
    st.caption(
        "Farther up is better (the axis does not begin at 0), farther left is faster. A dotted line joins the two "
        "models on a task.",
        help="The lines through a dot are 95% CI: vertically over test examples, horizontally over "
        "rounds. Quality is from the whole test set, time is that of one pass of "
        f"{place('tokens', request.config.tokens or 0)}, {conditions(request.config)}.",
    )
    numbers("Data table", "latency quality", lambda: tradeoffs_table(points))
    link_to_page("Distillation")


def _profiles(request: MeasurementRequest, tasks: Sequence[str]) -> dict[str, LatencyProfile]:
    """The button, and the profiles of the tasks that were measured, or else the shipped ones."""
    pair, config = request.question.pair, request.config
    questions = {task: asked("quality", pair.sides(task), task, config=config) for task in tasks}

    def measure(report: ProgressCallback) -> None:
        for done, task in enumerate(tasks):

            def keep_and_report(progress: Progress, done: int = done, task: str = task) -> None:
                keep(questions[task], progress.so_far)
                share = (done + progress.share) / len(tasks)
                rest = (len(tasks) - done - 1) * progress.seconds_left / max(1 - progress.share, 0.01)
                report(replace(progress, share=share, seconds_left=progress.seconds_left + rest))

            keep(
                questions[task],
                measuring.latency_profile(
                    pair.sides(task), task, config, rounds=request.rounds, progress=keep_and_report
                ),
            )

    on_request(MEASURE, [kept(one) for one in questions.values()], measure, request.row)
    found = {one.measured.asked.task: one.measured.value for one in show(*questions.values())}
    own = {task: profile for task, profile in found.items() if isinstance(profile, LatencyProfile)}
    return own or _shipped(request, tasks)


def _shipped(request: MeasurementRequest, tasks: Sequence[str]) -> dict[str, LatencyProfile]:
    """The profiles that ship with the pair, after a sentence that says where they were measured."""
    profiles = {
        task: profile
        for task in tasks
        if (profile := measuring.shipped_profile(request.question.pair.sides(task), task, request.config))
    }
    said_to_be_shipped(next(iter(profiles.values()), None), MEASURE)
    return profiles


def tradeoffs_table(points: Sequence[Tradeoff]) -> Columns:
    """Every drawn point with both intervals, one row per task and model."""
    rows = [
        (
            tradeoff.title,
            tradeoff.metric,
            name,
            *(round(100 * value, 6) for value in (score.value, score.low, score.high)),
            *(round(value, 6) for value in (time.value, time.low, time.high)),
        )
        for tradeoff in points
        for name, score, time in zip(SHORT, tradeoff.quality, tradeoff.p50, strict=True)
    ]
    scores = ("Quality (%)", "Quality, low", "Quality, high")
    header = ("Task", "Metric", "Model", *scores, "p50 (ms)", "p50, low", "p50, high")
    return of_rows(header, rows)
