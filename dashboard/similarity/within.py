"""Panel: each model's layers against one another."""

from __future__ import annotations

import streamlit as st

from dashboard import markup
from dashboard.charts import similarity as charts
from dashboard.palette import NAMES, SHORT
from dashboard.pictures import chart
from dashboard.similarity.asked import Asked


def within(asked: Asked) -> None:
    """Two maps on one scale; always by debiased CKA."""
    for column, name, short, found in zip(st.columns(2), NAMES, SHORT, asked.maps().within, strict=True):
        with column:
            st.html(markup.element("div", "dl-name", name))
            figure = charts.layer_map(found, short, short)
            figure.data[-2].visible = False  # nearest to a layer is that layer itself
            chart(figure, f"within {short}")
    st.caption(
        "How to read this: linear CKA, debiased, of every two layers of one model. In a yellow block of neighbouring "
        "layers each does little to the representation of the one before: where the teacher has such blocks, fewer "
        "layers can do its work. Numbers are in the hover."
    )
