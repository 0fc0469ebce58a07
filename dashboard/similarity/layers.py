"""Panel: every layer of the student against every layer of the teacher, by the chosen measure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import streamlit as st

from analysis.similarity.findings import finding
from analysis.similarity.grid import SimilarityMap
from analysis.similarity.measures import CHANGES, MEASURES
from cache import similarity
from dashboard import markup
from dashboard.charts import similarity as charts
from dashboard.palette import SHORT
from dashboard.panels import CHART
from dashboard.similarity.asked import TEXT, TEXT_ALONE, Asked, origins, progress_bar

HEADER = ("Teacher layer", "Student layer", "Similarity", "Low", "High", "Null", "Above chance")
TAB_OF_WORDS = "Where words go"


def layers(asked: Asked) -> None:
    """The map, the measure in words, and the same as a table."""
    if asked.source == TEXT:
        st.html(markup.note(TEXT_ALONE))
    found = _map(asked)
    path = origins(found.values.shape)
    st.html(markup.note(finding(found, path)))
    format_ = st.segmented_control("Picture as", ["svg", "png"], default="svg", required=True, key="picture")
    config = CHART | {"toImageButtonOptions": {"format": format_, "filename": "distillens-layers"}}
    figure = charts.layer_map(found, SHORT.teacher, SHORT.student, path)
    st.plotly_chart(figure, config=config, key="layer_map", on_select=_open, selection_mode="points")
    st.caption(
        f"How to read this: each cell compares a teacher layer with a student layer over {found.amount}; "
        f"0 is the embedding output. Yellow is alike, up to 1. White dots mark each "
        "student layer's nearest teacher layer, squares the layer it was initialised from. Hatched cells are not above "
        "chance: their interval (95 %, over sentences) reaches below the null, the value that 95 in 100 maps stay "
        f"under when the student's sentences are put in another order (on {found.n_null_units:,} units). Click a cell "
        "to see its words."
    )
    _measure(found)
    with st.expander("The same as a table, to sort and to save"):
        rows = list(_rows(found))
        st.dataframe([dict(zip(HEADER, row, strict=True)) for row in rows], hide_index=True, width="stretch")
        st.download_button("Save as CSV", _csv(rows), "distillens-layers.csv", "text/csv", on_click="ignore")


def _map(asked: Asked) -> SimilarityMap:
    if asked.measure == "cka" or asked.source == TEXT:
        if asked.measure != "cka":
            st.html(
                markup.note("On one text only debiased CKA is offered: the other measures need sentences to compare.")
            )
        return asked.maps().across
    title = MEASURES[asked.measure].title
    with progress_bar(f"Comparing all layers by {title} …") as progress:
        return similarity.layers_by(asked.measure, asked.compared, progress)


def _open() -> None:
    """Takes a click on a cell into the view of these two layers' words; runs before the page is drawn again."""
    points = st.session_state["layer_map"].selection.points
    if points:
        row, column = points[0]["customdata"][:2]
        st.session_state["teacher_layer"], st.session_state["student_layer"] = int(row), int(column)
        st.session_state["tab"] = TAB_OF_WORDS


def _measure(found: SimilarityMap) -> None:
    measure = MEASURES[found.measure]
    st.subheader(measure.title)
    lines = [
        measure.meaning,
        f"Unchanged when {'; or '.join(CHANGES[change] for change in measure.invariances)}.",
        "Unrelated layers have 0 on average, however few units there are."
        if measure.unbiased
        else "Unrelated layers have more than 0, the more so the fewer units there are: compare with the null.",
    ]
    if measure.many_units:
        lines.append(f"It needs many more units than neurons; here there are {found.n_units:,} units.")
    st.html(markup.element("div", "", markup.escaped(" ".join(lines))))
    st.caption(f"[{measure.paper}]({measure.url})")


def _rows(found: SimilarityMap) -> Iterable[tuple[int | float | bool, ...]]:
    for (row, column), value in _each(found):
        at = (row, column)
        numbers = (round(float(number), 5) for number in (value, found.low[at], found.high[at], found.null[at]))
        yield row, column, *numbers, bool(found.above_null[at])


def _each(found: SimilarityMap) -> Iterable[tuple[tuple[int, int], float]]:
    height, width = found.values.shape
    return (((row, column), found.values[row, column]) for row in range(height) for column in range(width))


def _csv(rows: Iterable[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue()
