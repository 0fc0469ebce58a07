"""Our own walkthroughs, each with what it is about and a link to its first step."""

from __future__ import annotations

import streamlit as st

from dashboard.present.library import OURS, TOUR, our_walkthrough
from dashboard.present.talk import link_to_talk
from dashboard.ui import layout, markup

ABOUT = (
    "A walkthrough shows views of this dashboard one after the other, each with two sentences, on the whole screen. "
    "Every number in it is computed when it is shown."
)
KEYS = "Arrow keys, Page Up and Page Down, or a clicker go through it; Escape leaves it."
STYLE = """<style>
.st-key-walkthroughs { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.75rem; }
.st-key-walkthroughs > * { width: auto; min-width: 0; height: 100%; }
.st-key-walkthroughs p { margin: 0; }
@media (max-width: 640px) { .st-key-walkthroughs { grid-template-columns: minmax(0, 1fr); } }
</style>"""
TAKE_THE_TOUR = "Take the tour, 2 minutes"


def talks() -> None:
    """The page's name and a card for each walkthrough."""
    st.html(STYLE + layout.title("Talks"))
    st.html(markup.element("p", "", markup.escaped(f"{ABOUT} {KEYS}")))
    with st.container(key="walkthroughs"):
        for name in OURS:
            walkthrough = our_walkthrough(name)
            with st.container(key=f"walkthrough_{name}", border=True, gap="small"):
                link_to_talk(name, walkthrough, f"{walkthrough.title} ({len(walkthrough.steps)} steps)")
                st.html(markup.element("p", "dl-small", markup.escaped(walkthrough.description)))


def tour() -> None:
    """The offer to newcomers."""
    link_to_talk(TOUR, our_walkthrough(TOUR), TAKE_THE_TOUR)
