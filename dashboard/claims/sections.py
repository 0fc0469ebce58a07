"""The sections of the claims page: the speed measurement, a line per claim, and all numbers."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.claims.claim import JudgedClaim
from analysis.claims.evidence import Speed
from analysis.claims.judging import judge
from analysis.claims.statements.table import CLAIMS
from cache import claims as remembered
from dashboard.claims.controls import HOW_JUDGED
from dashboard.claims.lines import STYLE, line
from dashboard.export.claims import claims_table
from dashboard.frame import Question
from dashboard.measured_speed import HOW_MEASURED, WAITS, measured_speed
from dashboard.ui import markup
from dashboard.ui.figures import numbers

ABOUT = "Popular claims about DistilBERT, split into measurable statements and tested on {pair}. Open a line for more."
HOW_READ = (
    "Other models may get other verdicts. Each line has the number that decides, with its 95% CI if it has one; open "
    "it for sources, every meaning and the conditions. If a claim holds in part, its line has the first meaning for "
    "which it does not. In the gauges, the line is the claim's figure and the shading covers the values that pass. The "
    "dot is the value measured here, with its 95% CI; the open diamond is the published value of the full-size pair. "
    "All gauges of a claim with the same unit share a scale."
)


def judged_claims(question: Question, measured: Speed | None) -> tuple[JudgedClaim, ...]:
    """All claims, judged for the selected pair."""
    evidence = remembered.evidence(question.pair, question.example.task, measured)
    return tuple(judge(claim, evidence) for claim in CLAIMS)


def speed(question: Question) -> Speed | None:
    """The measurement of speed that the claims are judged by, with what it takes."""
    st.caption(WAITS, help=HOW_MEASURED)
    return measured_speed(question)


def heading(question: Question) -> None:
    """What the page is about, and which pair the claims are judged for."""
    st.html(STYLE)
    st.caption(ABOUT.format(pair=question.pair.title), help=f"{HOW_READ} {HOW_JUDGED}")


def lines(claims: tuple[JudgedClaim, ...], pair: str) -> None:
    """A line per claim, which opens."""
    with st.container(key="claim_lines"):
        st.html(
            "".join(line(judged, pair) for judged in claims) or markup.note("No claim has this verdict for this pair.")
        )


def everything(claims: tuple[JudgedClaim, ...]) -> None:
    """All results of all claims, as a table and as CSV."""
    numbers("Data table", "claims", partial(claims_table, claims))
