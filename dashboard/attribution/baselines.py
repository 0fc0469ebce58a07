"""How much the baseline matters: one method from every baseline."""

from __future__ import annotations

import streamlit as st

from analysis.attribution.agreement import over_baselines
from analysis.attribution.baselines import BASELINES
from cache import attribution as remembered
from dashboard.attribution.controls import Asked
from dashboard.ui import markup
from dashboard.ui.theme import NAMES


def baselines(asked: Asked) -> None:
    """For each model the rank correlation of the words between every two baselines."""
    names = tuple(BASELINES)
    with st.spinner("The same from every baseline …"):
        found = asked.sides.map(lambda side: over_baselines(remembered.by_baseline(side, asked.method, names)))
    for column, name, table in zip(st.columns(2), NAMES, found, strict=True):
        rows = [(one, *(f"{value:.2f}" for value in row)) for one, row in zip(names, table, strict=True)]
        column.html(
            markup.element("div", "dl-name", name) + markup.table(("Baseline", *names), rows, range(1, len(names) + 1))
        )
    st.caption(
        "How to read this: Spearman's rank correlation of the words' values between two baselines; 1 is the same order."
        " Low numbers say that the picture on the first tab depends on what a word is compared with. Methods that need "
        "no baseline, as saliency and rollout, have 1 everywhere."
    )
