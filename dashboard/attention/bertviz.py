"""BertViz's own two views of the chosen layer of each model."""

from __future__ import annotations

import streamlit as st

from analysis.attention.view import one_layer
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from dashboard import address
from dashboard.attention.controls import ALL_CONTROLS, choose
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.bertviz_html import MOST_UNITS, bertviz_html
from dashboard.ui.theme import NAMES

VIEWS = {"head": (24, ""), "model": (18, " Click a head to enlarge it.")}  # pixels of a row, and what can be done


def bertviz(question: Question, traces: Sides[Trace]) -> None:
    """The head view or the model view, one frame per model."""
    controls = choose(question, traces, shown=ALL_CONTROLS)
    maps = controls.view.of(traces, controls.heads.map(lambda head: one_layer(head[0])))
    if max(len(map_.labels) for map_ in maps) > MOST_UNITS:
        over = controls.view.over.lower()
        st.html(markup.note(f"BertViz is shown for at most {MOST_UNITS} {over}; “All heads” works at any length."))
        return
    kind = address.Choice(list(VIEWS), "bertviz").draw(st.segmented_control, "View", required=True)
    row, invitation = VIEWS[kind]
    dark = st.context.theme.type == "dark"
    with st.container(key="bertviz_views"):
        frames = st.columns(2) if kind == "head" else (st.container(), st.container())  # the model view is a long row
    for frame, name, map_, (layer, head) in zip(frames, NAMES, maps, controls.heads, strict=True):
        with frame:
            st.html(markup.element("div", "dl-name", f"{name}, layer {layer + 1}"))
            st.iframe(bertviz_html(kind, map_, layer, head, dark), height=min(120 + row * len(map_.labels), 800))
    st.caption(
        "Lines run from the word that attends (left) to those it attends to (right); the stronger, the more attention."
        + invitation,
        help="BertViz is by Vig 2019. Layer and head are those chosen above; weights are rounded to four digits. "
        "Scroll inside a frame to see the rest. Attention shows where a head reads, not why the model answers as it "
        "does.",
    )
