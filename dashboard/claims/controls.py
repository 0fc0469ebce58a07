"""What the reader chooses on the page: claims of which verdict are listed."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from analysis.claims.claim import JudgedClaim
from dashboard import address
from dashboard.claims.lines import SIGNS

ALL = "all"
HOW_JUDGED = (
    "A claim holds if all its meanings that could be judged hold, and holds in part if only some do. “40%” is taken as "
    "a rounded figure, which 35% or more satisfies, “97%” likewise from 96.5%. If a number has a 95% CI, the whole "
    "interval must lie on one side of the threshold; otherwise the meaning is inconclusive. “Not measured yet”: it "
    "can be measured here. “Not measurable here”: this pair lacks what it takes."
)


def of_one_verdict(claims: tuple[JudgedClaim, ...]) -> tuple[JudgedClaim, ...]:
    """The number of claims per verdict, to choose one of, and the claims that have it; all unless one is chosen."""
    titles = _titles(claims)
    choice = address.Choice(titles, "verdict", title=titles.__getitem__)
    chosen = choice.draw(st.pills, "Verdict", required=True, label_visibility="collapsed")
    return tuple(judged for judged in claims if chosen in (ALL, judged.verdict))


def _titles(claims: tuple[JudgedClaim, ...]) -> dict[str, str]:
    """Each choice with its sign and count."""
    counted = Counter(judged.verdict for judged in claims)
    verdicts = {verdict: f"{sign} {verdict} {counted[verdict]}" for verdict, (sign, _) in SIGNS.items()}
    return {ALL: f"{ALL} {len(claims)}", **verdicts}
