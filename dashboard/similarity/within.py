"""The tab on each model's layers against one another."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.similarity.measures import MEASURES
from analysis.similarity.summary import steps
from dashboard.charts import similarity as charts
from dashboard.export.similarity import within_table
from dashboard.similarity.controls import Controls, say_caveat
from dashboard.similarity.layer_map import unvarying
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import NAMES, SHORT


def within(controls: Controls) -> None:
    """How much one layer changes, and two maps on one scale."""
    say_caveat(controls)
    layer_maps = controls.within()
    st.html(markup.note(steps(layer_maps)))
    for column, name, short, layer_map in zip(st.columns(2), NAMES, SHORT, layer_maps, strict=True):
        with column:
            st.html(markup.element("div", "dl-name", name))
            chart(drawn(charts.layer_map, layer_map, short, short, nearest=False), f"within {short}")
    st.caption(
        "In a yellow block, each layer changes little about the representation of the one before. Hover for the "
        "numbers.",
        help=f"{MEASURES[layer_maps.teacher.measure].title} of every two layers of one model over "
        f"{layer_maps.teacher.amount}. If the teacher has yellow blocks, fewer layers can do its work. The range "
        "above is from the lowest to the highest of these layers, without the embedding "
        f"output.{unvarying(layer_maps.teacher)}",
    )
    numbers("Data table", "within each model", partial(within_table, layer_maps))
