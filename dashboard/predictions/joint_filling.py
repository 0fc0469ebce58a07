"""What both models put into all masks of a text together, where there are several."""

from __future__ import annotations

import streamlit as st

from analysis.inputs.examples import checked
from analysis.inputs.tasks import MASK, TASKS
from analysis.predictions.joint_filling import BEAMS, Filling, JointFillings
from cache import predictions
from dashboard.frame import Question
from dashboard.predictions.own_word import share
from dashboard.ui import markup
from dashboard.ui.theme import NAMES


def joint_filling(question: Question) -> None:
    """The likeliest fillings of each model, and what each mask by itself would make of the whole."""
    example = checked(question.example)
    if not TASKS[example.task].needs_mask or example.text.count(MASK) < 2:
        return
    found = question.sides.map(lambda checkpoint: predictions.joint_fillings(checkpoint, example))
    st.subheader("All masks together")
    for column, name, one in zip(st.columns(2), NAMES, found, strict=True):
        column.html(
            markup.element("div", "dl-name", name) + markup.table(("Rank", "Words", "Probability"), _rows(one), (0, 2))
        )
    st.caption(
        f"The likeliest fillings, found by following {BEAMS} at each step: approximate, one may be missed.",
        help="The masks are filled from left to right. The probability is the product of each piece's, given those "
        "before it, and holds for the filling that stands beside it. Special tokens fill no mask. “Each alone” has "
        "the likeliest piece of each mask by itself.",
    )


def _rows(found: JointFillings) -> list[tuple[str, str, str]]:
    ranked = [(str(rank), *_said(filling)) for rank, filling in enumerate(found.best, start=1)]
    return [*ranked, ("Each alone", *_said(found.alone))]


def _said(filling: Filling) -> tuple[str, str]:
    return " · ".join(filling.pieces), share(filling.probability)
