"""Panel: where the time of an answer goes, from the text to the prediction."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.latency.profile import StageProfile
from analysis.latency.summary import place
from cache import latency as measuring
from dashboard.charts import stages as charts
from dashboard.latency.controls import Asked
from dashboard.latency.downloads import save_buttons
from dashboard.latency.measure_button import derived, measured
from dashboard.latency.wording import amount, circumstances
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import SHORT


def stages(asked: Asked) -> None:
    """Stacked bars of both models, the sum held against the whole, and layer by layer."""
    sides, example, threads = asked.question.sides, asked.example, asked.setting.threads
    what = ("stages", sides, example, threads)
    found = measured(
        what,
        "Measure the stages of this answer",
        lambda told: measuring.stage_profile(sides, example, threads, asked.rounds, told),
    )
    if found is None:
        return
    st.html(markup.note(amount(found) + derived((*what, found.started, found.rounds), lambda: found.finding)))
    chart(charts.stage_bars(found), "latency stages")
    st.caption(
        "How to read this: one bar a model on one scale, in the order in which an answer comes about; each layer is an "
        "attention and a feed-forward part. Numbers are in the hover: medians over "
        f"{found.rounds:,} rounds. The diamond is the same answer measured without looking inside. On the CPU in "
        f"float32, {place('threads', found.threads)}."
    )
    st.subheader("Layer by layer")
    chart(charts.by_layer(found), "latency layers")
    st.caption(
        "How to read this: the time of each layer's two parts. All layers of a model do the same work on other "
        "weights, so that a flat line is what to expect; what departs from it is mostly the work of other programs."
    )
    st.html(markup.element("div", "dl-small", markup.escaped(circumstances(found.machine, found.started))))
    numbers("The stages as a table", "latency stages", lambda: stages_table(found))
    save_buttons(found, "latency-stages")


def stages_table(found: StageProfile) -> dict[str, Sequence[object]]:
    """Every drawn segment, teacher first."""
    rows = [
        (name, stage.name, round(time, 6))
        for name, own, times in zip(SHORT, found.stages, found.typical, strict=True)
        for stage, time in zip(own, times.tolist(), strict=True)
    ]
    rows += [(name, "whole", round(whole, 6)) for name, whole in zip(SHORT, found.typical_whole, strict=True)]
    return dict(zip(("Model", "Stage", "Time (ms)"), map(list, zip(*rows, strict=True)), strict=True))
