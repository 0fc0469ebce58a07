"""Panel: each model's layers against one another."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.similarity.measures import MEASURES
from analysis.similarity.summary import steps
from dashboard.charts import similarity as charts
from dashboard.export.similarity import within_table
from dashboard.similarity.controls import Asked, say_caveat
from dashboard.similarity.layer_map import unvarying
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import NAMES, SHORT


def within(asked: Asked) -> None:
    """How far one layer goes, and two maps on one scale."""
    say_caveat(asked)
    found = asked.within()
    st.html(markup.note(steps(found)))
    for column, name, short, map_ in zip(st.columns(2), NAMES, SHORT, found, strict=True):
        with column:
            st.html(markup.element("div", "dl-name", name))
            chart(charts.layer_map(map_, short, short, nearest=False), f"within {short}")
    st.caption(
        f"How to read this: {MEASURES[found.teacher.measure].title}, of every two layers of one model over "
        f"{found.teacher.amount}; numbers are in the hover. In a yellow block of neighbouring layers each does little "
        "to the representation of the one before: where the teacher has such blocks, fewer layers can do its work. The "
        "range above is from the lowest to the highest of these layers, the embedding output left out."
        f"{unvarying(found.teacher)}"
    )
    numbers("The same as a table, to sort and to save", "within each model", partial(within_table, found))
