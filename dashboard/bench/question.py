"""What is asked: the models, the task and the texts. All of it stands in the URL."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import PAIRS, Sides, check_trained, own_pair
from analysis.settings import settings
from dashboard import address
from dashboard.bench import examples
from dashboard.bench.history import history
from dashboard.bench.words import carry_out, text_on_bench
from dashboard.frame import Question
from dashboard.page_list import PageEntry
from dashboard.ui import layout

OWN = "own"
LABELS_HELP = (
    "What they mean, where two checkpoints call one label by two names: LABEL_0 = negative, LABEL_1 = positive. "
    "Case, order and common synonyms need no help. Of entities, say which label means “in no entity”: LABEL_0 = O."
)
UNANSWERABLE_HELP = (
    "For checkpoints that were trained with questions without an answer (SQuAD 2.0). Where a checkpoint's name or card "
    "says so, it holds anyway."
)
PAIR_HELP = "Random weights are available only on pages about size and speed."


@dataclass(frozen=True, slots=True)
class Bench:
    """What is asked, a place for the answers, and one in the heading for what is done with the whole view."""

    question: Question
    answers: DeltaGenerator
    heading: DeltaGenerator


def ask(entry: PageEntry) -> Bench:
    """Draws the page's name, the examples, the choices and the texts, and returns what they ask.

    Pairs with random weights are offered where the page takes untrained ones.
    """
    pairs = address.Choice(_pairs(entry.untrained), "pair", title=_pair_title)
    pair = pairs.value()
    tasks = address.Choice(list(TASKS if pair == OWN else PAIRS[pair].checkpoints), "task", title=_task_title)
    task = tasks.value()
    for number in range(len(TASKS[task].fields)):
        carry_out(PAIRS.get(pair), task, number)
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.html(layout.title(entry.title), width="content")
        examples.chips(PAIRS.get(pair), task)
    with st.container(horizontal=True, vertical_alignment="center", key="bench"):
        with st.popover(f"{TASKS[task].title} · {_short_title(pair)}", key="settings"):
            sources = _settings(pairs, tasks)
        text = text_on_bench(PAIRS.get(pair), task, 0)
        place = st.container(key="answers")
    texts = [text] + [text_on_bench(PAIRS.get(pair), task, number) for number in range(1, len(TASKS[task].fields))]
    # seen beside the page's name, and for the keyboard after the text, which comes first
    with st.container(horizontal=True, key="heading_tools", width="content"):
        history()
        heading = st.container(horizontal=True, key="heading_end", width="content")
    asked = own_pair(task, *sources) if sources else PAIRS[pair]
    if not entry.untrained:
        check_trained(asked)
    return Bench(Question(asked, Example(task, *texts)), place, heading)


def _settings(pairs: address.Choice[str], tasks: address.Choice[str]) -> tuple[str, str, Sides[str], bool] | None:
    """The task and the models; returns what `own_pair` asks beside the task, if checkpoints of one's own are chosen."""
    task = tasks.draw(st.selectbox, "Task", on_change=examples.start_with_an_example)
    st.caption(TASKS[task].question)
    pair = pairs.draw(st.selectbox, "Models", help=PAIR_HELP)
    _pair_note(pair, task, tasks.options)
    return (*_own_sources(), _own_labels(task), _own_unanswerable(task)) if pair == OWN else None


def _pairs(untrained: bool) -> list[str]:
    return [key for key, pair in PAIRS.items() if pair.trained or untrained] + ([] if settings().hosted else [OWN])


def _pair_title(key: str) -> str:
    return "Your own" if key == OWN else PAIRS[key].title


def _short_title(key: str) -> str:
    return _pair_title(key).split(" (")[0]


def _task_title(key: str) -> str:
    return TASKS[key].title


def _pair_note(key: str, task: str, tasks: Container[str]) -> None:
    about = (
        "A BERT or a DistilBERT for each side: a folder, or owner/name on the hub." if key == OWN else PAIRS[key].about
    )
    missing = [task.title.lower() for name, task in TASKS.items() if name not in tasks]
    st.caption(about + (f" It has no checkpoint yet for {', '.join(missing)}." if missing else ""))
    if key != OWN and PAIRS[key].trained and TASKS[task].needs_context:
        able = any(side.unanswerable for side in PAIRS[key].checkpoints[task])
        st.caption("It can say that the context holds no answer." if able else "It always answers from the context.")


def _own_sources() -> tuple[str, str]:
    sides = ("Teacher", "teacher"), ("Student", "student")
    teacher, student = (
        st.text_input(label, key=address.keep(side, "", address.TEXT), placeholder="folder or owner/name@revision")
        for label, side in sides
    )
    return teacher, student


def _own_labels(task: str) -> Sides[str]:
    """What the labels of both mean, where the task has labels."""
    if not TASKS[task].head.endswith("Classification"):
        return Sides("", "")
    keys = Sides("teacher_labels", "student_labels")
    titles = Sides("Labels of the teacher", "Labels of the student")
    said = [
        st.text_input(
            title, key=address.keep(key, "", address.TEXT), placeholder="LABEL_0 = negative, …", help=LABELS_HELP
        )
        for key, title in zip(keys, titles, strict=True)
    ]
    return Sides(*said)


def _own_unanswerable(task: str) -> bool:
    """Whether the context may hold no answer, where the task is to find one."""
    if not TASKS[task].needs_context:
        return False
    chosen = address.keep("unanswerable", False, address.FLAG)
    return st.toggle("There may be no answer", key=chosen, help=UNANSWERABLE_HELP)
