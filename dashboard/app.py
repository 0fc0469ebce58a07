"""The entrypoint: navigation, the sidebar, the summary strip, the page, the footer.

A page finds what is asked by `frame.current_question()`.
"""

from __future__ import annotations

import streamlit as st

from cache.turns import waiting_announced
from dashboard import address, frame
from dashboard.framed import tell_address
from dashboard.page_list import FOLDER, PAGES
from dashboard.serving.warm_up import somebody_there
from dashboard.share import link_to_this_view
from dashboard.ui import markup


def main() -> None:
    """Runs once a session and after every change of a widget."""
    with somebody_there():
        draw()


def draw() -> None:
    """All that the reader sees."""
    st.set_page_config("DistilLens", layout="wide")
    st.html(markup.STYLE)
    address.begin()
    pages = {st.Page(FOLDER / entry.script, title=entry.title, url_path=entry.path or None): entry for entry in PAGES}
    page = st.navigation(list(pages), position="top")
    notes, place = st.container(), st.empty()
    question = frame.ask(untrained=pages[page].untrained)
    with waiting_announced(frame.shows_place(place)):
        with frame.problems_shown(), st.spinner("Asking both models …", show_time=True):
            frame.summary(question)
            st.session_state["question"] = question
        if "question" in st.session_state:
            frame.say_if_older(question)
            with frame.problems_shown():
                page.run()
    address.finish()
    tell_address()
    if "question" in st.session_state:
        link_to_this_view()
        frame.footer(frame.current_question())
    with notes:
        frame.say_unknown()


main()
