"""What is asked: the models, the task and the texts. All of it stands in the URL."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import PAIRS, own_pair
from analysis.settings import settings
from dashboard import address
from dashboard.bench import examples
from dashboard.bench.history import history
from dashboard.bench.words import carry_out, text_on_bench
from dashboard.frame import Question
from dashboard.page_list import PageEntry
from dashboard.ui import layout

OWN = "own"
PAIR_HELP = "Random weights are available only on pages about size and speed."


def ask(entry: PageEntry) -> tuple[Question, DeltaGenerator, DeltaGenerator]:
    """Draws the page's name, the examples, the choices and the texts.

    Returns what they ask, a place for the answers, and one in the heading for what is done with the whole view.
    Pairs with random weights are offered where the page takes untrained ones.
    """
    pair, tasks = _ready(entry.untrained)
    task: str = st.session_state["task"]
    for number in range(len(TASKS[task].fields)):
        carry_out(PAIRS.get(pair), task, number)
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.html(layout.title(entry.title), width="content")
        examples.chips(PAIRS.get(pair), task)
        history()
        heading = st.container(horizontal=True, key="heading_end", width="content")
    with st.container(horizontal=True, vertical_alignment="center", key="bench"):
        with st.popover(f"{TASKS[task].title} · {_short_title(pair)}", key="settings"):
            sources = _settings(entry.untrained, tasks)
        text = text_on_bench(PAIRS.get(pair), task, 0)
        place = st.container(key="answers")
    texts = [text] + [text_on_bench(PAIRS.get(pair), task, number) for number in range(1, len(TASKS[task].fields))]
    return Question(own_pair(task, *sources) if sources else PAIRS[pair], Example(task, *texts)), place, heading


def _ready(untrained: bool) -> tuple[str, list[str]]:
    """The pair and its tasks; both choices are in the session before they are drawn, as a button shows them."""
    pair = address.ready(_pairs(untrained), "pair", title=_pair_title)
    tasks = list(TASKS if pair == OWN else PAIRS[pair].checkpoints)
    address.ready(tasks, "task", title=_task_title)
    return pair, tasks


def _settings(untrained: bool, tasks: list[str]) -> tuple[str, str] | None:
    """The task and the models; returns the checkpoints of one's own, if they are chosen."""
    task = address.choose(
        st.selectbox, "Task", tasks, "task", title=_task_title, on_change=examples.start_with_an_example
    )
    st.caption(TASKS[task].question)
    pair = address.choose(st.selectbox, "Models", _pairs(untrained), "pair", title=_pair_title, help=PAIR_HELP)
    _pair_note(pair, tasks)
    return _own_sources() if pair == OWN else None


def _pairs(untrained: bool) -> list[str]:
    return [key for key, pair in PAIRS.items() if pair.trained or untrained] + ([] if settings().hosted else [OWN])


def _pair_title(key: str) -> str:
    return "Your own" if key == OWN else PAIRS[key].title


def _short_title(key: str) -> str:
    return _pair_title(key).split(" (")[0]


def _task_title(key: str) -> str:
    return TASKS[key].title


def _pair_note(key: str, tasks: list[str]) -> None:
    about = "A folder, or owner/name on the hub, for each side." if key == OWN else PAIRS[key].about
    missing = [task.title.lower() for name, task in TASKS.items() if name not in tasks]
    st.caption(about + (f" It has no checkpoint yet for {', '.join(missing)}." if missing else ""))


def _own_sources() -> tuple[str, str]:
    sides = ("Teacher (BERT)", "teacher"), ("Student (DistilBERT)", "student")
    teacher, student = (
        st.text_input(label, key=address.keep(side, "", address.TEXT), placeholder="folder or owner/name@revision")
        for label, side in sides
    )
    return teacher, student
