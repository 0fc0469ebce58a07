"""A text that is longer than a model reads at once: what each model answers to each window of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.predictions.comparison import compare
from analysis.predictions.heads import head_that_gave
from analysis.predictions.pooling import ByWindow
from analysis.wording import shown
from dashboard.ui import markup
from dashboard.ui.theme import SHORT

QUOTED = 4  # words of a window's beginning, and of its end
SIGNS = {True: "=", False: "≠", None: ""}  # as between both answers beside the text
WINDOW_TITLES = ("Window", "Text", SHORT.teacher, "", SHORT.student)
AVERAGED = (
    "Both models read a long text in the same overlapping windows; the answer is the average over them, weighted by "
    "words."
)
OF_WHAT = (
    "A window is as much as both models read at once. What is averaged are log-probabilities; of models that give a "
    "number, the numbers."
)


def by_window(predictions: Sides[Any], example: Example) -> None:
    """What both answer to each window by itself; nothing where the text is read at once."""
    if rows := window_rows(predictions, example):
        st.subheader("Window by window")
        st.html(markup.table(WINDOW_TITLES, rows, numeric=(0,)))
        st.caption(AVERAGED, help=OF_WHAT)


def window_rows(predictions: Sides[Any], example: Example) -> list[tuple[str, ...]]:
    """Of each window the number, beginning, end and size, and both answers with a sign that says whether they agree."""
    windows = predictions.teacher.by_window
    answers = predictions.map(lambda prediction: head_that_gave(prediction).in_windows(prediction))
    return [
        (
            str(number + 1),
            _quoted(windows, number, example),
            both.teacher.summary,
            SIGNS[compare(both).agree],
            both.student.summary,
        )
        for number, both in enumerate(map(Sides, *answers))
    ]


def _quoted(windows: ByWindow, number: int, example: Example) -> str:
    field, start, end = windows.place(number)
    words = example.texts[field][start:end].split()
    first, last = (shown(" ".join(part), 40) for part in (words[:QUOTED], words[-QUOTED:]))
    return f"{first} … {last} ({windows.words[number]:,} words)"


def read_in(windows: int) -> str:
    """What is added to a model's name where it reads the text in several windows."""
    return f" · read in {windows} overlapping windows" if windows > 1 else ""
