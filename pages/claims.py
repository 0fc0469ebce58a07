"""Popular claims about DistilBERT, tested on the selected pair."""

import streamlit as st

from dashboard.claims import sections

question = st.session_state["question"]

sections.heading(question)
speed = sections.speed(question)
claims = sections.judged_claims(question, speed)
sections.summary(claims)
sections.cards(claims)
sections.everything(claims)
