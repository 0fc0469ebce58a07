"""What each model answers, how sure it is, and where the two part."""

import streamlit as st

from cache import predictions
from dashboard import frame
from dashboard.bench.answer_line import finding
from dashboard.page_links import link_to_page
from dashboard.predictions.heads import panel
from dashboard.predictions.joint_filling import joint_filling
from dashboard.predictions.own_word import own_word
from dashboard.predictions.tokens import say_unknown, tokens

question = frame.current_question()
answers = frame.answers(question)
windows = question.sides.map(lambda checkpoint: predictions.tokens(checkpoint, question.example))

finding(question)
say_unknown(windows)
with st.container(key="answer_figures"):
    panel(answers, question.example)
with frame.problems_shown():
    joint_filling(question)
with frame.problems_shown():  # a word that is not known leaves the rest of the page
    own_word(question)
tokens(windows)
link_to_page("Models")
