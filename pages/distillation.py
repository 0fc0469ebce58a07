"""How the embedded pair was trained, and what distillation kept and lost."""

import streamlit as st

from analysis.distillation.record import read_experiment
from analysis.models.pairs import EMBEDDED
from dashboard import address
from dashboard.distillation.tabs import TABS

st.header("How the embedded pair was distilled")

address.tabs(TABS, "distillation_tab", read_experiment(EMBEDDED))
