"""The questions of this session, newest first, to ask again, to pin and to compare."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.predictions.comparison import Comparison
from dashboard.bench.examples import take_over
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.theme import SHORT

SIGNS = {True: "=", False: "≠", None: "?"}  # between two answers
DIFFERENCE = "Δ"  # between two numbers
HISTORY = "history"  # in the session
MOST = 12  # questions that are kept beside the pinned ones
LONGEST = 60  # characters of a text that is listed
EMPTY = "Every text that you ask is listed here with both answers."


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, and what both models said."""

    example: Example
    said: Sides[str]
    agree: bool | None
    sign: str
    pinned: bool = False


def sign_of(comparison: Comparison) -> str:
    """What stands between both answers."""
    return SIGNS[comparison.agree] if comparison.difference is None else DIFFERENCE


def note(question: Question, said: Sides[str], comparison: Comparison) -> None:
    """Puts a question at the head of the list; one that was asked before moves there."""
    new = Answered(question.example, said, comparison.agree, sign_of(comparison))
    others = [one for one in _all() if one.example != new.example]
    pinned = any(one.pinned for one in _all() if one.example == new.example)
    unpinned = [one for one in others if not one.pinned][: MOST - 1]
    st.session_state[HISTORY] = [
        replace(new, pinned=pinned),
        *(one for one in others if one.pinned or one in unpinned),
    ]


def history() -> None:
    """A button per question that asks it again, and its pin; all of them as a table to compare."""
    with st.popover("History", key="history_button", help="The texts of this session"):
        if not _all():
            st.caption(EMPTY)
        for place, one in enumerate(sorted(_all(), key=lambda one: not one.pinned)):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    "★" if one.pinned else "☆",
                    key=f"pin {place}",
                    help="Unpin" if one.pinned else "Pin: it stays below the bench, beside what is asked next",
                    on_click=_pin,
                    args=(one,),
                )
                st.button("Ask again", key=f"again {place}", on_click=take_over, args=(one.example,))
                st.html(_row(one))


def pinned(current: Example) -> None:
    """What is pinned, beside the question that is asked now: the texts and answers as a table."""
    kept = [one for one in _all() if one.pinned and one.example != current]
    now = [one for one in _all() if one.example == current]
    if kept and now:
        rows = [(_short(one.example), *one.said, one.sign) for one in (*now, *kept)]
        st.html(markup.table(("Pinned", *SHORT, ""), rows))


def _pin(one: Answered) -> None:
    st.session_state[HISTORY] = [
        replace(other, pinned=not other.pinned) if other.example == one.example else other for other in _all()
    ]


def _row(one: Answered) -> str:
    said = f"{one.said.teacher} {one.sign} {one.said.student}"
    return markup.element("span", "", markup.escaped(_short(one.example))) + markup.element(
        "div", "dl-small", markup.escaped(said)
    )


def _short(example: Example) -> str:
    text = " / ".join(example.texts)
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} …"


def _all() -> list[Answered]:
    return list(st.session_state.get(HISTORY, []))
