"""The parts of the claims page: what came out, every claim with its verdict, and all numbers."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.claims.claim import Judged
from analysis.claims.evidence import Speed
from analysis.claims.judging import judged
from analysis.claims.statements.table import CLAIMS
from cache import claims as remembered
from dashboard.claims.cards import STYLE, card, counts
from dashboard.export.claims import claims_table
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import numbers
from dashboard.ui.progress import progress_bar

BETWEEN_S = 0.5  # more often the bar itself would be measured
MEASURE = "Measure the speed"
WAITS = (
    "All claims are judged below but those on speed, which takes seconds to measure, up to a minute: both models read "
    "texts of 32 tokens in turns, first with 32-bit floats, then with 8-bit integers. Close other programs first."
)

ABOUT = (
    "DistilBERT is a smaller model that was trained to do as a larger one, BERT, does. Much is said about it, and most "
    "of it is copied from text to text. Here every claim is taken apart into what it can mean, and each meaning is "
    "measured on the two models chosen on the left: other models, other verdicts."
)


def verdicts(question: Question, measured: Speed | None) -> tuple[Judged, ...]:
    """Every claim, judged for the pair that is asked about."""
    known = remembered.evidence(question.pair, question.example.task, measured)
    return tuple(judged(claim, known) for claim in CLAIMS)


def speed(question: Question) -> Speed | None:
    """Measures both models' speed when asked to; what was measured of them last in this session, or nothing yet."""
    key = f"claims speed {question.example.task} {question.sides}"
    st.caption(WAITS)
    if st.button(MEASURE):
        with progress_bar("Measuring the speed of both models, in turns …", BETWEEN_S) as progress:
            progress(0.0)  # loading and warming up come first
            found = remembered.speed(question.sides, question.example.task, progress)
        st.session_state[key] = found
    measured: Speed | None = st.session_state.get(key)
    return measured


def heading(question: Question) -> None:
    """What the page is about, and which pair it is judged by."""
    st.header("Claims put to the test")
    st.html(STYLE + markup.element("p", "", markup.escaped(ABOUT)))
    st.html(markup.note(f"Judged now: {question.pair.title}. {question.pair.about}"))


def summary(found: tuple[Judged, ...]) -> None:
    """How many claims hold, and how a verdict comes about."""
    st.html(counts(found))
    st.caption(
        "How a verdict comes about: a claim holds where each of its meanings does that could be measured here, and in "
        "part where only some do. Round figures are taken as they are written: “40 %” asks for whatever rounds to it, "
        "from 35 % on, “97 %” from 96.5 % on; more is better. Where a number has an interval (measured anew, it would "
        "in 19 of 20 cases lie about there), the whole of it must be on one side, or nothing is decided."
    )
    st.caption(
        "How to read the drawings: the line is the figure of the claim and the shade all that satisfies it. The dot is "
        "what was measured here, with its interval; the open diamond is what was published of the full-size pair. "
        "All drawings of a claim in one unit have one scale."
    )


def cards(found: tuple[Judged, ...]) -> None:
    """A card for each claim."""
    for one in found:
        st.html(card(one))


def everything(found: tuple[Judged, ...]) -> None:
    """All lines of all claims, as a table and as CSV."""
    numbers("All claims as a table", "claims", partial(claims_table, found))
