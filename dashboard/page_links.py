"""Links to the one page that has a fact, for the pages that need it beside their own."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.page_list import FOLDER, PAGES

LINK = ":material/arrow_forward:"
HAS = {  # title of the page -> what is found there
    "Models": "layers, widths, parameters and bytes of both models",
    "Latency": "speed by length, batch and threads, and what it costs",
    "Distillation": "what was kept of each score, with intervals",
}


def link_to_page(title: str, short: bool = False) -> None:
    """A link to the page of this title, with what is found there unless it is `short`; all that is chosen stays."""
    label = title if short else f"{title}: {HAS[title]}"
    st.page_link(script_of(title), label=label, icon=LINK, help=HAS[title] if short else None)


def script_of(title: str) -> Path:
    """The script of the page of this title, to go to."""
    return FOLDER / next(entry.script for entry in PAGES if entry.title == title)
