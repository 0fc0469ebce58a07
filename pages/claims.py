"""What is said about DistilBERT, and what of it can be measured on the chosen pair."""

import streamlit as st

from dashboard.claims import sections as panels

question = st.session_state["question"]

panels.heading(question)
measured = panels.speed(question)
found = panels.verdicts(question, measured)
panels.summary(found)
panels.cards(found)
panels.everything(found)
