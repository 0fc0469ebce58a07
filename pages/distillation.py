"""How the embedded pair was trained, and what distillation kept and lost."""

import streamlit as st

from analysis.distillation.record import read_experiment
from analysis.models.pairs import EMBEDDED
from dashboard.distillation import sections

st.header("The distillation experiment")
experiment = read_experiment(EMBEDDED)

sections.finding(experiment)
sections.kept(experiment)
sections.scores(experiment)
sections.losses(experiment)
sections.task_losses(experiment)
sections.together(experiment)
sections.recipe(experiment)
sections.limits(experiment)
