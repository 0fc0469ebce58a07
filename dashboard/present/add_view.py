"""The button that adds what a reader sees to their walkthrough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from dashboard.frame import Question
from dashboard.links import HASHED, Link
from dashboard.page_list import PAGES
from dashboard.present.library import keep_own, own
from dashboard.present.walkthrough import MOST_STEPS, Step, points_of

ADD = "Add this view to my walkthrough"
FULL = f"A walkthrough has up to {MOST_STEPS} steps: remove some on the page Talks."
TOO_LONG = "The text is too long for a step: shorten it, then add the view again."


def add_view(path: str, make: Callable[[], Link], question: Question) -> None:
    """The button; what is added is worded and put in order on the page Talks.

    The link to what is chosen on the page is made only when it is asked for.
    """
    if st.button(ADD, icon=":material/playlist_add:", key="add_view", help=ADD):
        st.toast(_added(path, make(), question))


def _added(path: str, link: Link, question: Question) -> str:
    """Adds the view, and says so or why not."""
    walkthrough = own()
    if len(walkthrough.steps) >= MOST_STEPS:
        return FULL
    if HASHED in link.query or link.lost:
        return TOO_LONG
    step = _step(path, link.query, question)
    keep_own(replace(walkthrough, steps=(*walkthrough.steps, step)))
    return f"Step {len(walkthrough.steps) + 1} of your walkthrough. Word it and put it in order on the page Talks."


def _step(path: str, query: str, question: Question) -> Step:
    """The view as a step that points at the first of what is there."""
    title = next(entry.asks for entry in PAGES if entry.path == path)
    draft = Step(title, "", "", "", f"{path}?{query}" if query else path)
    points = points_of(path, draft.query)
    text = " ".join(f"“{text}”" for text in question.example.texts)
    return replace(draft, point=points[0], text=text if len(text) <= 200 else "")
