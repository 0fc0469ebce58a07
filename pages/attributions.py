"""For what in the answer each word accounts, in both models, and how far that can be trusted."""

import streamlit as st

from dashboard.attribution.controls import asked
from dashboard.attribution.tabs import PANELS
from dashboard.frame import current_question

question = asked(current_question())
tabs = st.tabs(list(PANELS), key="attribution_part", bind="query-params")

for tab, panel in zip(tabs, PANELS.values(), strict=True):
    if tab.open:  # the others would compute for nobody
        with tab:
            panel(question)
