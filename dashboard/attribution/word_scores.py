"""The words, tinted by what they account for in both models, and how far the two agree."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.attribution.agreement import Agreement, agreement
from analysis.attribution.methods import Attribution
from analysis.statistics import Estimate
from dashboard.attribution.controls import Asked
from dashboard.attribution.tinted_text import accounts, signs, tinted
from dashboard.charts.attribution import word_bars
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import NAMES, SHORT


def words(asked: Asked) -> None:
    """Both models one under the other, their difference, the bars, and the agreement with its interval."""
    told, example = asked.told(), asked.question.example
    st.html(markup.note(f"Why “{asked.target.name}”?"))
    found = agreement(told)
    places = [(word,) for word in found.words]
    largest = max(float(abs(side).max()) for side in found.shares)
    for (side, name), shares, one in zip(NAMES.items(), found.shares, told, strict=True):
        st.html(markup.element("div", "dl-name", name) + tinted(example, places, shares.tolist(), largest, side))
        accounts(name, one)
    st.html(markup.element("div", "dl-name", "Difference: teacher − student"))
    difference = found.shares.teacher - found.shares.student
    st.html(tinted(example, places, difference.tolist(), float(abs(difference).max()), "difference"))
    whole = "the change of the score" if found.of_change else "all values of the method"
    st.caption(
        f"How to read this: {signs(asked.method)}; the stronger the tint, the larger a word's share of {whole}, on one "
        "scale for both models. In the difference, green is where the teacher gives more. An attribution tells what "
        "the model's score rests on by this method's definition, not what a person would call a reason; other methods "
        "and baselines tell otherwise (next tabs)."
    )
    st.html(markup.element("p", "", markup.escaped(found.finding)))
    chart(word_bars(found, whole), "attribution by word")
    rows = [
        (title, *correlation_cells(value))
        for title, value in (("Spearman", found.spearman), ("Kendall", found.kendall))
    ]
    st.html(markup.table(("Agreement of the two", "Value", "95 % interval"), rows, (1, 2)))
    numbers("The numbers as a table", "attribution", lambda: _table(found, told.teacher, told.student))


def correlation_cells(value: Estimate | None) -> tuple[str, str]:
    """A correlation and its interval, as cells of a table."""
    return ("—", "too few words") if value is None else (f"{value.value:.2f}", f"{value.low:.2f} to {value.high:.2f}")


def _table(found: Agreement, teacher: Attribution, student: Attribution) -> dict[str, Sequence[object]]:
    raw = [dict(zip(one.words, one.scores.tolist(), strict=True)) for one in (teacher, student)]
    columns: dict[str, Sequence[object]] = {
        "Place": list(range(1, len(found.words) + 1)),
        "Word": [word.text for word in found.words],
    }
    for name, shares, scores in zip(SHORT, found.shares, raw, strict=True):
        columns[f"{name}: share"] = shares.round(6).tolist()
        columns[f"{name}: value"] = [round(scores[word], 6) for word in found.words]
    return columns
