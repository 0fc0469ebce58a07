"""Panel: every layer of the student against every layer of the teacher, by the chosen measure."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from analysis.similarity.layer_maps import SimilarityMap
from analysis.similarity.measures import CHANGES, MEASURES
from analysis.similarity.summary import finding
from dashboard.charts import similarity as charts
from dashboard.export.similarity import map_table
from dashboard.similarity.controls import Asked, origins, say_caveat
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import SHORT

LAYER_MAP = "layer map"
TAB_OF_WORDS = "Where words go"


def layers(asked: Asked) -> None:
    """The map, the measure in words, and the same as a table."""
    say_caveat(asked)
    found = asked.across()
    path = origins(found.values.shape)
    st.html(markup.note(finding(found, path)))
    chart(charts.layer_map(found, SHORT.teacher, SHORT.student, path), LAYER_MAP, on_click=_open)
    st.caption(
        f"How to read this: each cell compares a teacher layer with a student layer over {found.amount}; "
        f"0 is the embedding output. Yellow is alike, up to 1. White dots mark each "
        "student layer's nearest teacher layer, squares the layer it was initialised from. Hatched cells are not above "
        "chance: their interval (95 %, over sentences) reaches below the null, the value that 95 in 100 maps stay "
        f"under when the student's sentences are put in another order (on {found.n_null_units:,} units). Click a cell "
        f"to see its words.{unvarying(found)}"
    )
    _measure(found)
    numbers(
        "The same as a table, to sort and to save",
        LAYER_MAP,
        partial(map_table, found, "Teacher layer", "Student layer"),
    )


def unvarying(found: SimilarityMap) -> str:
    """What to say of cells that are blank; empty where none is."""
    blank = np.isnan(found.values).any()
    return " Where a cell is blank, a layer is the same for all units: there is nothing to compare." if blank else ""


def _open() -> None:
    """Takes a click on a cell into the view of these two layers' words; runs before the page is drawn again."""
    points = st.session_state[LAYER_MAP].selection.points
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
