"""The button that saves what a reader sees as a finding. What it opens is imported then: no page waits for it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.frame import Question
from dashboard.page_list import FOLDER

SAVE, OPEN = "Save this finding", "Open a finding"
UNTRAINED = "Random weights have no answers to report on: choose a trained pair."


def save_finding(question: Question, choices: dict[str, str], link: Callable[[], str]) -> None:
    """The button; `choices` are as the address has them, and `link` makes the one that leads back to the page."""
    trained = question.pair.trained
    popover = st.popover(
        SAVE,
        icon=":material/download:",
        help=None if trained else UNTRAINED,
        disabled=not trained,
        key="save_finding",
        on_change="rerun",
    )
    if popover.open:
        from dashboard.report.save_panel import save_panel

        with popover:
            save_panel(question, choices, link())
            link_to_open()


def link_to_open() -> None:
    """Where a finding that was saved, by anybody, is opened."""
    st.page_link(FOLDER / "finding.py", label=OPEN, icon=":material/upload_file:")
