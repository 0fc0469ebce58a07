"""All heads of both models at a glance; a click on one opens it."""

from __future__ import annotations

import streamlit as st

from analysis.attention.view import brightest
from cache import attention
from dashboard.attention.controls import Controls, opened_by
from dashboard.charts.attention import mosaic
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn
from dashboard.ui.theme import NAMES


def overview(question: Question, controls: Controls) -> None:
    """One image per model, one tile per head."""
    st.subheader("All heads")
    small = attention.thumbnails(question.sides, question.example, controls.view)
    largest = max(map(brightest, small))
    for column, (side, name), maps, head in zip(st.columns(2), NAMES.items(), small, controls.heads, strict=True):
        key = f"{side} heads"
        with column:
            st.html(markup.element("div", "dl-name", name))
            chart(drawn(mosaic, side, maps, largest, head), key, on_click=opened_by(key))
    st.caption(
        f"Each tile is one head: rows are the {controls.view.over.lower()} that attend, columns those they attend to; "
        "brighter means more attention (square-root scale, the same for both models, brightest from "
        f"{largest:.2g}). Diagonal: a word attends to itself. Next to it: to its neighbour. Bright column: all words "
        "attend to one token, often [CLS] or [SEP]. Long texts are shrunk; each pixel keeps its largest weight. Click "
        "a tile to open it below."
    )
