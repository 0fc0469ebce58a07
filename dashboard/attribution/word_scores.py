"""The words, tinted by how much they contribute in both models, and how far the two agree."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from analysis.attribution.agreement import Agreement, quoted
from analysis.attribution.methods import METHODS, Attribution
from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.statistics import Estimate
from cache import attribution as remembered
from dashboard.attribution.controls import choose
from dashboard.attribution.tinted_text import NOT_REASONS, SHARES, completeness, rows_of_texts, sign_legend, tinted
from dashboard.charts.attribution import word_bars
from dashboard.export.columns import Columns
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.markup import TEACHER_AND_STUDENT
from dashboard.ui.theme import NAMES, SHORT

MORE = "In the difference, blue words have more in the teacher, orange ones (dashed) in the student."


def word_scores(question: Question) -> None:
    """Both models one below the other, their difference, the bars, and the agreement with its interval."""
    controls = choose(question)
    attributions = controls.attributions()
    agreed = remembered.agreement(controls.requests, controls.method)
    controls.say(agreed.finding)
    with st.container(key="tinted_words"):
        rows_of_texts(tinted_rows(question.example, agreed))
    difference = f" {MORE}" if agreed.about_one_target else ""
    st.caption(sign_legend(controls.method), help=f"{SHARES}{difference} {NOT_REASONS}")
    chart(drawn(word_bars, agreed), "attribution by word")
    completeness(attributions)
    st.html(markup.element("p", "", markup.escaped(agreed.ranking)))
    if agreed.about_one_target:
        correlations = (("Spearman", agreed.spearman), ("Kendall", agreed.kendall))
        rows = [(title, *correlation_cells(value)) for title, value in correlations]
        st.html(markup.table(("Agreement of the two", "Value", "95% CI"), rows, (1, 2)))
    numbers("Data table", "attribution", lambda: attribution_table(agreed, attributions))


def tinted_rows(example: Example, agreed: Agreement) -> Iterator[tuple[str, str, str]]:
    """Each model's text on one scale, and below them the difference, if both are about the same."""
    places = [(word,) for word in agreed.words]
    largest = max(float(abs(shares).max()) for shares in agreed.shares)
    for (side, name), target, shares in zip(NAMES.items(), agreed.targets, agreed.shares, strict=True):
        yield name, f"Why {quoted(target)}?", tinted(example, places, shares.tolist(), largest, side)
    if agreed.about_one_target:
        shares = agreed.shares.teacher - agreed.shares.student
        most = float(abs(shares).max())
        text = tinted(example, places, shares.tolist(), most, "difference", poles=TEACHER_AND_STUDENT)
        yield "Difference", "blue: more in the teacher", text


def correlation_cells(value: Estimate | None) -> tuple[str, str]:
    """A correlation and its interval, as cells of a table."""
    return ("—", "too few words") if value is None else (f"{value.value:.2f}", f"{value.low:.2f} to {value.high:.2f}")


def attribution_table(agreed: Agreement, attributions: Sides[Attribution]) -> Columns:
    """One row per word: in each model its share, and its value in the method's unit."""
    columns: Columns = {
        "Place": list(range(1, len(agreed.words) + 1)),
        "Word": [word.text for word in agreed.words],
    }
    for name, shares, attribution in zip(SHORT, agreed.shares, attributions, strict=True):
        scores = dict(zip(attribution.words, attribution.scores.tolist(), strict=True))
        unit = attribution.target.unit if METHODS[attribution.method].is_complete else "value"
        columns[f"{name}: share"] = shares.round(6).tolist()
        columns[f"{name}: {unit}"] = [round(scores[word], 6) for word in agreed.words]
    return columns
