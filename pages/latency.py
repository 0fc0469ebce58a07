"""What an answer costs on this machine: how long both models take, where the time goes, and what it buys."""

import streamlit as st

from dashboard.frame import current_question
from dashboard.latency.controls import asked
from dashboard.latency.tabs import PANELS

wanted = asked(current_question())

for tab, panel in zip(st.tabs(list(PANELS), key="latency_part", bind="query-params"), PANELS.values(), strict=True):
    if tab.open:  # the others would compute for nobody
        with tab:
            panel(wanted)
