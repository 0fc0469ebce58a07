"""The tab on layer maps: every layer of the student against every layer of the teacher, by the chosen measure."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from analysis.similarity.layer_maps import LayerMap
from analysis.similarity.measures import CHANGES, MEASURES
from analysis.similarity.summary import finding
from dashboard.charts import similarity as charts
from dashboard.export.similarity import map_table
from dashboard.similarity.controls import Controls, initialised_from, say_caveat
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import SHORT

LAYER_MAP = "layer map"
WORD_DRIFT_TAB = "Word drift"


def layer_map(controls: Controls) -> None:
    """The finding, the map, its data and the measure in words."""
    say_caveat(controls)
    across = controls.across()
    initial_layers = initialised_from(controls.question)
    st.html(markup.note(finding(across, initial_layers)))
    chart(drawn(charts.layer_map, across, SHORT.teacher, SHORT.student, initial_layers), LAYER_MAP, on_click=_open)
    st.caption(
        "Each cell compares a teacher layer with a student layer; yellow means similar. White dots mark the most "
        "similar layer. Click a cell to see its words.",
        help=f"Compared over {across.amount}; 0 is the embedding output. The scale goes up to 1. Squares mark the "
        "layer that each student layer was initialised from. Hatched cells are not above chance: their 95% CI (over "
        "sentences) reaches below the null, the value that 95 of 100 maps stay under if the student's sentences are "
        f"put in another order (on {across.n_null_examples:,} examples).{unvarying(across)}",
    )
    _measure(across)
    numbers(
        "Data table",
        LAYER_MAP,
        partial(map_table, across, "Teacher layer", "Student layer"),
    )


def unvarying(layer_map: LayerMap) -> str:
    """A sentence about blank cells; empty if there are none."""
    blank = np.isnan(layer_map.values).any()
    return (
        " A blank cell belongs to a layer that is the same for all examples: there is nothing to compare."
        if blank
        else ""
    )


def _open() -> None:
    """Opens the words of a clicked cell's two layers; runs before the page is drawn again."""
    points = st.session_state[LAYER_MAP].selection.points
    if points:
        row, column = points[0]["customdata"][:2]
        st.session_state["teacher_layer"], st.session_state["student_layer"] = int(row), int(column)
        st.session_state["similarity_tab"] = WORD_DRIFT_TAB


def _measure(layer_map: LayerMap) -> None:
    measure = MEASURES[layer_map.measure]
    st.subheader(measure.title)
    lines = [
        measure.meaning,
        f"It stays the same when {', or when '.join(CHANGES[change] for change in measure.invariances)}.",
        "Unrelated layers score 0 on average, however few examples there are."
        if measure.unbiased
        else "Unrelated layers score above 0, the more so the fewer examples there are: compare with the null.",
    ]
    if measure.many_examples:
        lines.append(f"It needs many more examples than neurons; here there are {layer_map.n_examples:,} examples.")
    st.html(markup.element("div", "", markup.escaped(" ".join(lines))))
    st.caption(f"[{measure.paper}]({measure.url})")
