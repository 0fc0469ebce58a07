"""Popular claims about DistilBERT, tested on the selected pair."""

import streamlit as st

from dashboard.claims import controls, sections
from dashboard.frame import current_question

question = current_question()

sections.heading(question)
above = st.container()
claims = sections.judged_claims(question, sections.speed(question))
with above:
    sections.lines(controls.of_one_verdict(claims), question.pair.title)
sections.everything(claims)
