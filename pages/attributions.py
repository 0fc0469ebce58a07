"""Which words the answer rests on, in both models, and how far such attributions can be trusted."""

import streamlit as st

from dashboard.attribution.controls import controls
from dashboard.attribution.tabs import TABS
from dashboard.frame import current_question

chosen = controls(current_question())
tabs = st.tabs(list(TABS), key="attribution_part", bind="query-params")

for tab, draw in zip(tabs, TABS.values(), strict=True):
    if tab.open:  # the others would compute for nobody
        with tab:
            draw(chosen)
