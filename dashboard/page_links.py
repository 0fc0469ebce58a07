"""Links to the one page that has a fact, for the pages that need it beside their own."""

from __future__ import annotations

import streamlit as st

from dashboard.page_list import FOLDER, PAGES

HAS = {  # title of the page -> what is found there
    "Models": "layers, widths, parameters and bytes of both models",
    "Distillation": "what was kept of each score, with intervals",
}


def link_to_page(title: str) -> None:
    """A link to the page of this title, with what is found there; all that is chosen stays."""
    script = next(entry.script for entry in PAGES if entry.title == title)
    st.page_link(FOLDER / script, label=f"{title}: {HAS[title]}", icon=":material/arrow_forward:")
