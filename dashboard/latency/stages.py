"""The tab Where the time goes: the time of each stage, from the text to the prediction."""

from __future__ import annotations

import streamlit as st

from analysis.inputs.examples import Example
from analysis.latency.config import BenchmarkConfig
from analysis.latency.profile import StageProfile
from analysis.latency.summary import place, stage_summary
from cache import latency as measuring
from cache.measurements import asked
from dashboard.charts import stages as charts
from dashboard.export.columns import Columns, of_rows
from dashboard.frame import Question
from dashboard.latency.controls import MeasurementRequest
from dashboard.latency.downloads import save_buttons
from dashboard.latency.measure_button import derived, measured
from dashboard.latency.wording import amount, circumstances
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import SHORT


def stages(request: MeasurementRequest) -> None:
    """Stacked bars of both models, their sum compared with the whole answer, and the time of each layer."""
    sides, example, threads = request.question.sides, request.example, request.config.threads
    profile = measured(
        asked("stages", sides, example.task, texts=example.texts, config=BenchmarkConfig(threads=threads)),
        "Measure the stages of this answer",
        lambda report: measuring.stage_profile(sides, example, threads, request.rounds, report),
        request.row,
        lambda: measuring.shipped_stages(sides, example, threads),
    )
    if profile is None:
        return
    st.html(markup.note(f"{amount(profile)}{stage_summary(profile)} {adds_up(request.question, example, profile)}"))
    chart(drawn(charts.stage_bars, profile), "latency stages")
    st.caption(
        "One bar per model on the same scale, in the order of computation. Hover for the numbers.",
        help=f"The numbers are medians over {profile.rounds:,} rounds. Each layer has an attention and a feed-forward "
        "part. The diamond is the same answer timed in one piece, without the probes that time the "
        "stages. On the CPU in float32, "
        f"{place('threads', profile.threads)}.",
    )
    st.subheader("Layer by layer")
    chart(drawn(charts.by_layer, profile), "latency layers")
    st.caption(
        "The time of each layer's two parts. Expect flat lines.",
        help="All layers of a model do the same work with different weights; deviations are mostly due to other "
        "programs.",
    )
    st.html(markup.element("div", "dl-small", markup.escaped(circumstances(profile.machine, profile.started))))
    numbers("Data table", "latency stages", lambda: stages_table(profile))
    save_buttons(profile, "latency-stages")


def adds_up(question: Question, example: Example, profile: StageProfile) -> str:
    """Whether the stages add up to the whole answer; takes a second, once in a session."""
    return derived((question.sides, example, profile.started, profile.rounds), lambda: profile.finding)


def stages_table(profile: StageProfile) -> Columns:
    """Every drawn segment, teacher first."""
    rows = [
        (name, stage.name, round(time, 6))
        for name, own, times in zip(SHORT, profile.stages, profile.typical, strict=True)
        for stage, time in zip(own, times.tolist(), strict=True)
    ]
    rows += [(name, "whole", round(whole, 6)) for name, whole in zip(SHORT, profile.typical_whole, strict=True)]
    return of_rows(("Model", "Stage", "Time (ms)"), rows)
