"""Where every head of both models reads from, held side by side."""

import streamlit as st

from cache import results
from dashboard.attention.choice import choose
from dashboard.attention.heads import heads
from dashboard.attention.overview import overview
from dashboard.attention.parts import PARTS

question = st.session_state["question"]
traces = question.sides.map(lambda checkpoint: results.trace(checkpoint, question.example))

choice = choose(traces)
overview(question, choice)
heads(question, traces, choice)
for tab, part in zip(st.tabs(list(PARTS), key="part", bind="query-params"), PARTS.values(), strict=True):
    if tab.open:
        with tab:
            part(question, traces, choice)
