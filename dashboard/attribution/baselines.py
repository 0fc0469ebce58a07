"""How much the baseline matters: one method from every baseline."""

from __future__ import annotations

from itertools import combinations
from math import isnan

import streamlit as st

from analysis.arrays import Array
from analysis.attribution.baselines import BASELINES
from analysis.models.pairs import Sides
from cache import attribution as remembered
from dashboard.attribution.controls import choose
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.theme import NAMES, SHORT

NAMES_OF_BASELINES = tuple(BASELINES)
HEADER, NUMERIC = ("Baseline", *NAMES_OF_BASELINES), range(1, len(NAMES_OF_BASELINES) + 1)
ALIKE = 0.995  # is shown as 1.00


def baselines(question: Question) -> None:
    """For each model the rank correlation of the words between every two baselines."""
    controls = choose(question, shown=("method",))
    with st.spinner("Attributing from every baseline …"):
        tables = controls.requests.map(
            lambda request: remembered.baseline_agreement(request, controls.method, NAMES_OF_BASELINES)
        )
    controls.say(least_alike(tables))
    with st.container(key="baseline_tables"):
        for column, name, table in zip(st.columns(2), NAMES, tables, strict=True):
            column.html(markup.element("div", "dl-name", name) + markup.table(HEADER, rows_of(table), NUMERIC))
    st.caption(
        "How alike the words rank from two baselines (Spearman): 1 is the same order. Low numbers mean that the tab "
        "Words depends on the baseline.",
        help="The baseline is what a word is compared with. Methods without a baseline, such as saliency and rollout, "
        "have 1 everywhere.",
    )


def rows_of(table: Array) -> list[tuple[str, ...]]:
    """The rows under `HEADER`, of one model's correlations [baseline, baseline]."""
    return [
        (baseline, *("—" if isnan(value) else _told(value) for value in row))
        for baseline, row in zip(NAMES_OF_BASELINES, table, strict=True)
    ]


def least_alike(tables: Sides[Array]) -> str:
    """For each model the two baselines whose words rank least alike, in a sentence."""
    return " ".join(_least_alike(name.lower(), table) for name, table in zip(SHORT, tables, strict=True))


def _least_alike(side: str, table: Array) -> str:
    """The two baselines whose words rank least alike, in a sentence."""
    pairs = [(float(table[one, other]), one, other) for one, other in combinations(range(len(table)), 2)]
    least = min((pair for pair in pairs if not isnan(pair[0])), default=None)
    if least is None:
        return f"The {side} has no order of words to compare: there is one word, or all have the same value."
    value, one, other = least
    if value > ALIKE:
        return f"The {side} ranks the words alike from every baseline."
    names = f"{NAMES_OF_BASELINES[one]} and {NAMES_OF_BASELINES[other]}"
    return f"The {side} ranks the words least alike from {names} ({_told(value)})."


def _told(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
