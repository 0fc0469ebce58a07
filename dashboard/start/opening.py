"""From the first page to the others: each address says which example is asked of the embedded pair."""

from __future__ import annotations

from urllib.parse import parse_qsl

import streamlit as st

from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import PAIRS
from dashboard import address, links
from dashboard.frame import Question
from dashboard.page_list import FOLDER

TASK = "sentiment"  # the one that needs no explanation


def first_question() -> Question:
    """What the page begins with: the embedded pair, and the example on which it disagrees most tellingly."""
    default = TASKS[TASK].samples[0]
    return Question(PAIRS["embedded"], checked(Example(TASK, default.text, default.text_pair)))


def choices(example: Example) -> dict[str, str]:
    """What is chosen where an example is asked, by the keys of the session."""
    return {"task": example.task, **dict(zip(("text", "text_pair"), example.texts, strict=False))}


def link_to(page: str, label: str, example: Example) -> None:
    """A link to a page of this path, where the example is asked."""
    st.page_link(FOLDER / f"{page}.py", label=label, query_params=parse_qsl(links.link(choices(example)).query))


def ask(example: Example) -> None:
    """Leaves this page for Predictions, where the example is asked."""
    address.choose_instead(choices(example))  # a query given to the switch would be a step of its own in the history
    st.switch_page(FOLDER / "predictions.py")
