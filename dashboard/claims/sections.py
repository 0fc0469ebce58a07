"""The sections of the claims page: the speed measurement, the summary, a card per claim, and all numbers."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.claims.claim import JudgedClaim
from analysis.claims.evidence import Speed
from analysis.claims.judging import judge
from analysis.claims.statements.table import CLAIMS
from cache import claims as remembered
from dashboard.claims.cards import STYLE, card, counts
from dashboard.export.claims import claims_table
from dashboard.frame import Question
from dashboard.latency.measure_button import keep, kept
from dashboard.ui import markup
from dashboard.ui.figures import numbers
from dashboard.ui.progress import progress_bar

BETWEEN_S = 0.5  # between updates of the bar: more frequent ones would disturb the measurement
MEASURE = "Measure the speed"
WAITS = (
    "All claims but those on speed are judged below. Measuring speed takes up to a minute: both models read texts of "
    "32 tokens in interleaved rounds, first with 32-bit floats, then with 8-bit integers. Close other programs first."
)

ABOUT = (
    "Popular claims about DistilBERT, a smaller model trained to imitate BERT, split into measurable statements and "
    "tested on the models you selected."
)


def judged_claims(question: Question, measured: Speed | None) -> tuple[JudgedClaim, ...]:
    """All claims, judged for the selected pair."""
    evidence = remembered.evidence(question.pair, question.example.task, measured)
    return tuple(judge(claim, evidence) for claim in CLAIMS)


def speed(question: Question) -> Speed | None:
    """A button that measures both models' speed; returns the last measurement in this session, or None."""
    key = f"claims speed {question.example.task} {question.sides}"
    st.caption(WAITS)
    if st.button(MEASURE):
        with progress_bar("Measuring the speed of both models, in interleaved rounds …", BETWEEN_S) as progress:
            progress(0.0)  # loading and warming up come first
            latest = remembered.speed(question.sides, question.example.task, progress)
        keep(key, latest)
    measured: Speed | None = kept(key)
    return measured


def heading(question: Question) -> None:
    """What the page is about, and which pair the claims are judged for."""
    st.header("Claims put to the test")
    st.html(STYLE + markup.element("p", "", markup.escaped(ABOUT)))
    st.html(markup.note(f"Models: {question.pair.title}. {question.pair.about}"))


def summary(claims: tuple[JudgedClaim, ...]) -> None:
    """The number of claims per verdict, and how verdicts and gauges are read."""
    st.html(counts(claims))
    st.caption(
        "A claim holds if all its meanings that could be judged hold, and holds in part if only some do. “40%” is "
        "taken as a rounded figure, which 35% or more satisfies, “97%” likewise from 96.5%. If a number has a 95% CI, "
        "the whole interval must lie on one side of the threshold; otherwise the meaning is inconclusive."
    )
    st.caption(
        "In the gauges, the line is the claim's figure and the shading covers the values that pass. The dot is the "
        "value measured here, with its 95% CI; the open diamond is the published value of the full-size pair. All "
        "gauges of a claim with the same unit share a scale."
    )


def cards(claims: tuple[JudgedClaim, ...]) -> None:
    """One card per claim."""
    for judged in claims:
        st.html(card(judged))


def everything(claims: tuple[JudgedClaim, ...]) -> None:
    """All results of all claims, as a table and as CSV."""
    numbers("Data table", "claims", partial(claims_table, claims))
