"""From the first page to the others: each address says which example is asked of the embedded pair."""

from __future__ import annotations

from urllib.parse import parse_qsl

import streamlit as st

from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import PAIRS
from dashboard import links
from dashboard.frame import Question
from dashboard.page_list import FOLDER

TASK = "sentiment"  # the one that needs no explanation


def first_question() -> Question:
    """What the page begins with: the embedded pair, and the example on which it disagrees most tellingly."""
    default = TASKS[TASK].samples[0]
    return Question(PAIRS["embedded"], checked(Example(TASK, default.text, default.text_pair)))


def query(example: Example) -> list[tuple[str, str]]:
    """The query that asks an example on any page."""
    texts = dict(zip(("text", "text_pair"), example.texts, strict=False))
    return parse_qsl(links.link({"task": example.task, **texts}).query)


def link_to(page: str, label: str, example: Example) -> None:
    """A link to a page of this path, where the example is asked."""
    st.page_link(FOLDER / f"{page}.py", label=label, query_params=query(example))


def ask(example: Example) -> None:
    """Leaves this page for Predictions, where the example is asked."""
    st.switch_page(FOLDER / "predictions.py", query_params=query(example))
