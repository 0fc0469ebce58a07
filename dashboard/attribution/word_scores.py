"""The words, tinted by how much they contribute in both models, and how far the two agree."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.attribution.agreement import Agreement
from analysis.attribution.methods import Attribution
from analysis.models.pairs import Sides
from analysis.statistics import Estimate
from cache import attribution as remembered
from dashboard.attribution.controls import Controls
from dashboard.attribution.tinted_text import completeness, sign_legend, tinted
from dashboard.charts.attribution import word_bars
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import NAMES, SHORT


def word_scores(controls: Controls) -> None:
    """Both models one below the other, their difference, the bars, and the agreement with its interval."""
    attributions, example = controls.attributions(), controls.question.example
    st.html(markup.note(f"Why “{controls.target.name}”?"))
    agreed = remembered.agreement(controls.requests, controls.method)
    places = [(word,) for word in agreed.words]
    largest = max(float(abs(shares).max()) for shares in agreed.shares)
    for (side, name), shares, attribution in zip(NAMES.items(), agreed.shares, attributions, strict=True):
        st.html(markup.element("div", "dl-name", name) + tinted(example, places, shares.tolist(), largest, side))
        completeness(name, attribution)
    st.html(markup.element("div", "dl-name", "Difference: teacher − student"))
    difference = agreed.shares.teacher - agreed.shares.student
    st.html(tinted(example, places, difference.tolist(), float(abs(difference).max()), "difference"))
    total = "the score change" if agreed.normalised_by_change else "all values of the method"
    st.caption(
        f"{sign_legend(controls.method)}. The stronger the tint, the larger a word's share of {total}, on one scale "
        "for both models. In the difference, green is where the teacher has more. Attributions depend on method and "
        "baseline and are not human reasons; compare methods under Faithfulness and baselines under Baselines."
    )
    st.html(markup.element("p", "", markup.escaped(agreed.finding)))
    chart(drawn(word_bars, agreed, total), "attribution by word")
    rows = [
        (title, *correlation_cells(value))
        for title, value in (("Spearman", agreed.spearman), ("Kendall", agreed.kendall))
    ]
    st.html(markup.table(("Agreement of the two", "Value", "95% CI"), rows, (1, 2)))
    numbers("Data table", "attribution", lambda: _table(agreed, attributions))


def correlation_cells(value: Estimate | None) -> tuple[str, str]:
    """A correlation and its interval, as cells of a table."""
    return ("—", "too few words") if value is None else (f"{value.value:.2f}", f"{value.low:.2f} to {value.high:.2f}")


def _table(agreed: Agreement, attributions: Sides[Attribution]) -> dict[str, Sequence[object]]:
    columns: dict[str, Sequence[object]] = {
        "Place": list(range(1, len(agreed.words) + 1)),
        "Word": [word.text for word in agreed.words],
    }
    for name, shares, attribution in zip(SHORT, agreed.shares, attributions, strict=True):
        scores = dict(zip(attribution.words, attribution.scores.tolist(), strict=True))
        columns[f"{name}: share"] = shares.round(6).tolist()
        columns[f"{name}: value"] = [round(scores[word], 6) for word in agreed.words]
    return columns
