"""How the embedded pair was made, and what distillation kept and lost in it."""

import streamlit as st

from analysis.distillation.record import read_experiment
from analysis.models.pairs import EMBEDDED
from dashboard.distillation import sections as panels

st.header("The distillation experiment")
experiment = read_experiment(EMBEDDED)

panels.finding(experiment)
panels.kept(experiment)
panels.scores(experiment)
panels.losses(experiment)
panels.task_losses(experiment)
panels.together(experiment)
panels.recipe(experiment)
panels.limits(experiment)
