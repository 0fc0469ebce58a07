"""All heads of both models at a glance, and the one that is open beside them; a click opens another."""

from __future__ import annotations

import streamlit as st

from analysis.attention.view import brightest
from analysis.inputs.words import Word, place_of, words_of_all
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from cache import attention
from dashboard.attention.controls import ALL_CONTROLS, choose, chosen_word, forget_word, opened_by
from dashboard.attention.head_maps import distance_of, likeness_told
from dashboard.charts import attention as charts
from dashboard.charts.attention import mosaic
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn
from dashboard.ui.theme import NAMES

HELP = (
    "Rows are the {over} that attend, columns those they attend to; brightness is the square root of the weight, the "
    "same for both models, brightest from {largest:.2g}. Long texts are shrunk; each pixel keeps its largest weight. "
    "Diagonal: a word attends to itself. Next to it: to its neighbour. Bright column: all words attend to one token, "
    "often [CLS] or [SEP]."
)


def overview(question: Question, traces: Sides[Trace]) -> None:
    """One image per model, one tile per head, and the exact map of the head that is open in each."""
    controls = choose(question, traces, shown=ALL_CONTROLS)
    small = attention.thumbnails(question.sides, question.example, controls.view)
    largest = max(map(brightest, small))
    maps = controls.view.of(traces, controls.parts)
    end = charts.end_of_scale(maps, controls.view.dimmed)
    _why_these(question, traces.teacher.tokens.words)
    *columns, beside = st.columns([5, 5, 4])
    for column, (side, name), tiles, map_, head in zip(
        columns, NAMES.items(), small, maps, controls.heads, strict=True
    ):
        key = f"{side} heads"
        with column:
            st.html(markup.element("div", "dl-name", name))
            chart(drawn(mosaic, side, tiles, largest, head), key, on_click=opened_by(key))
        with beside:
            st.html(markup.element("div", "dl-name", f"{name}, layer {head[0] + 1}, head {head[1] + 1}"))
            chart(drawn(charts.small_head_map, map_, end, controls.view.dimmed), f"{side} opened head")
    if maps.teacher.labels == maps.student.labels:
        beside.html(markup.note(likeness_told(distance_of(maps))))
    help_ = HELP.format(over=controls.view.over.lower(), largest=largest)
    st.caption("Each tile is one head; brighter means more attention. Click a tile to open it.", help=help_)


def _why_these(question: Question, words: tuple[Word, ...]) -> None:
    """Which word these heads look at, where the reader asked for one; `words` as the models have them."""
    word = chosen_word(question)
    if word is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = words_of_all(question.example.texts)[word]
        place = place_of(asked, words)
        text = asked.text if place is None else words[place].text
        st.html(markup.note(f"In each model, the head that looks most at “{text}” is open."), width="content")
        st.button("Show where they differ most", on_click=forget_word)
