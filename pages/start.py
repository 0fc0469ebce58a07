"""A disagreement of the embedded pair, what distillation saves and keeps, and where else the two disagree."""

from functools import partial

import streamlit as st

from analysis.distillation.record import read_experiment
from analysis.models.pairs import EMBEDDED
from dashboard import address, frame
from dashboard.links import Link
from dashboard.page_list import FOLDER
from dashboard.present.add_view import add_view
from dashboard.present.talks_panel import tour
from dashboard.report.save_button import link_to_open, save_finding
from dashboard.share import copy_link, link_to, start_view
from dashboard.start.disagreement_cards import disagreement_cards
from dashboard.start.hero import hero
from dashboard.start.opening import first_question
from dashboard.start.style import STYLE
from dashboard.start.three_numbers import three_numbers

if older := address.older_link():
    st.switch_page(FOLDER / "predictions.py", query_params=older)

question, experiment = first_question(), read_experiment(EMBEDDED)

st.html(STYLE)
hero(question)
three_numbers(question, experiment)
with st.container(horizontal=True, vertical_alignment="center"):
    save_finding(question, {}, partial(link_to, question))
    copy_link(partial(start_view, question))
    add_view("", lambda: Link("", (), ()), question)
    link_to_open()
    tour()
disagreement_cards(question.pair, experiment, question.example)
frame.footer(question)
