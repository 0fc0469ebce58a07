"""All heads of both models at a glance; a click on one opens it."""

from __future__ import annotations

import streamlit as st

from analysis.attention.view import brightest
from cache import remember as results
from dashboard.attention.controls import Choice, opened_by
from dashboard.charts.attention import mosaic
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart
from dashboard.ui.theme import NAMES


def overview(question: Question, choice: Choice) -> None:
    """One image a model, a small picture a head."""
    st.subheader("All heads")
    small = results.thumbnails(question.sides, question.example, choice.view)
    largest = max(map(brightest, small))
    for column, (side, name), maps, head in zip(st.columns(2), NAMES.items(), small, choice.heads, strict=True):
        key = f"{side} heads"
        with column:
            st.html(markup.element("div", "dl-name", name))
            chart(mosaic(side, maps, largest, head), key, on_click=opened_by(key))
    st.caption(
        f"How to read this: one small picture a head, from top to bottom the {choice.view.unit.lower()} that read, "
        "from left to right those that are read; the brighter, the more weight (square-root scale, the same for both "
        f"models, brightest from {largest:.2g}). A bright diagonal reads itself, a line beside it a neighbour, a "
        "bright column one single place, often [CLS] or [SEP]. Long texts are shrunk; each pixel keeps its largest "
        "weight. Click a head to see it below."
    )
