"""Where every head of both models reads from, held side by side."""

import streamlit as st

from cache import remember as results
from dashboard.attention.controls import choose
from dashboard.attention.head_maps import heads
from dashboard.attention.overview import overview
from dashboard.attention.tabs import PARTS
from dashboard.frame import current_question

question = current_question()
traces = question.sides.map(lambda checkpoint: results.trace(checkpoint, question.example))

choice = choose(traces)
overview(question, choice)
heads(question, traces, choice)
for tab, part in zip(st.tabs(list(PARTS), key="part", bind="query-params"), PARTS.values(), strict=True):
    if tab.open:
        with tab:
            part(question, traces, choice)
