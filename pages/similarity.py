"""Which layer of the student does what which layer of the teacher does, and how sure that is."""

import streamlit as st

from dashboard.frame import current_question
from dashboard.similarity.controls import asked, ready
from dashboard.similarity.tabs import PANELS

wanted = asked(current_question())

if ready(wanted):
    for tab, panel in zip(st.tabs(list(PANELS), key="tab", bind="query-params"), PANELS.values(), strict=True):
        if tab.open:  # the others would compute for nobody
            with tab:
                panel(wanted)
