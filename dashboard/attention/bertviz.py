"""BertViz's own two views of the chosen layer of each model."""

from __future__ import annotations

import streamlit as st

from analysis.attention.view import one_layer
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from dashboard.attention.controls import Choice
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.bertviz_html import MOST_UNITS, bertviz_html
from dashboard.ui.theme import NAMES


def bertviz(question: Question, traces: Sides[Trace], choice: Choice) -> None:
    """The head view or the model view, one frame a model."""
    maps = choice.view.of(traces, choice.heads.map(lambda head: one_layer(head[0])))
    if max(len(map_.labels) for map_ in maps) > MOST_UNITS:
        unit = choice.view.unit.lower()
        st.html(
            markup.note(f"BertViz is shown for at most {MOST_UNITS} {unit}; “All heads” above works at any length.")
        )
        return
    kind = st.segmented_control(
        "View", ["head", "model"], default="head", required=True, key="bertviz", bind="query-params"
    )
    frames = st.columns(2) if kind == "head" else (st.container(), st.container())  # the model view is a long row
    for frame, name, map_, (layer, head) in zip(frames, NAMES, maps, choice.heads, strict=True):
        with frame:
            st.html(markup.element("div", "dl-name", f"{name}, layer {layer + 1}"))
            st.iframe(bertviz_html(str(kind), map_, layer, head), height=min(120 + 24 * len(map_.labels), 800))
    st.caption(
        "How to read this: lines lead from what reads (left) to what is read (right), the stronger the line, the more "
        "weight. BertViz (Vig 2019) counts layers and heads from 0. The layer and the head are those chosen above; "
        "weights are rounded to four digits. Scroll in a frame for what does not fit. As everywhere here: attention "
        "shows where a head reads, not why the model answers as it does."
    )
