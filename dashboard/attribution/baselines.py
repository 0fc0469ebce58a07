"""How much the baseline matters: one method from every baseline."""

from __future__ import annotations

import streamlit as st

from analysis.attribution.baselines import BASELINES
from cache import attribution as remembered
from dashboard.attribution.controls import Controls
from dashboard.ui import markup
from dashboard.ui.theme import NAMES


def baselines(controls: Controls) -> None:
    """For each model the rank correlation of the words between every two baselines."""
    names = tuple(BASELINES)
    with st.spinner("Attributing from every baseline …"):
        tables = controls.requests.map(lambda request: remembered.baseline_agreement(request, controls.method, names))
    for column, name, table in zip(st.columns(2), NAMES, tables, strict=True):
        rows = [(baseline, *(f"{value:.2f}" for value in row)) for baseline, row in zip(names, table, strict=True)]
        column.html(
            markup.element("div", "dl-name", name) + markup.table(("Baseline", *names), rows, range(1, len(names) + 1))
        )
    st.caption(
        "Spearman's rank correlation of the words' values between two baselines; 1 is the same order. Low numbers mean "
        "that the first tab depends on what a word is compared with. Methods without a baseline, such as saliency and "
        "rollout, have 1 everywhere."
    )
