"""The frame around every page: what is asked (sidebar), what both models answer (summary strip), the footer.

All of what is asked stands in the URL, so that a copied link reproduces the view.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example, checked, with_mask
from analysis.inputs.samples import Sample
from analysis.inputs.tasks import MASK, TASKS
from analysis.models.pairs import PAIRS, Checkpoint, Pair, Sides, own_pair
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import verdict
from analysis.predictions.values import Prediction
from analysis.settings import settings
from cache.compute_queue import Announce
from cache.models import architecture
from cache.predictions import prediction
from dashboard import address
from dashboard.ui import markup
from dashboard.ui.figures import format_choice
from dashboard.ui.theme import NAMES

OWN = "own"
PAIR_HELP = "Random weights are available only on pages about size and speed."
# Read once: looking packages up is not safe where other threads import.
VERSIONS = {name: metadata.version(name) for name in ("distillens", "torch", "transformers", "streamlit")}


@dataclass(frozen=True, slots=True)
class Question:
    """What the reader asks: an example of a task, and the pair that answers it."""

    pair: Pair
    example: Example

    @property
    def sides(self) -> Sides[Checkpoint]:
        return self.pair.sides(self.example.task)


def ask(*, untrained: bool) -> Question:
    """Draws the sidebar and returns what it asks. Pairs with random weights are offered where `untrained` says so."""
    with st.sidebar:
        st.subheader("DistilLens", anchor=False)
        st.caption("See what DistilBERT kept from BERT, and what it lost, on any text.")
        keys = [key for key, pair in PAIRS.items() if pair.trained or untrained]
        keys += [] if settings().hosted else [OWN]
        key = address.choose(st.selectbox, "Models", keys, "pair", title=_pair_title, help=PAIR_HELP)
        tasks = list(TASKS if key == OWN else PAIRS[key].checkpoints)
        task = address.choose(
            st.selectbox,
            "Task",
            tasks,
            "task",
            title=lambda task: TASKS[task].title,
            on_change=_start_with_a_sample,
        )
        _pair_note(key, tasks)
        sources = _own_sources() if key == OWN else None
        st.selectbox(
            "Examples",
            range(len(TASKS[task].samples)),
            index=None,
            format_func=lambda index: TASKS[task].samples[index].title,
            placeholder="Load an example …",
            key="sample",
            on_change=_take_sample,
        )
        example = _text_form(task)
        st.caption(TASKS[task].question)
        format_choice()
    pair = own_pair(task, *sources) if sources else PAIRS[key]
    return Question(pair, example)


def current_question() -> Question:
    """The last question that both models could answer, which the page shows."""
    question: Question = st.session_state["question"]
    return question


def answers(question: Question) -> Sides[Prediction]:
    """Both models' answers to a question."""
    example = checked(question.example)
    return question.sides.map(lambda checkpoint: prediction(checkpoint, example))


def summary(question: Question) -> None:
    """The strip on top of every page: both answers, whether they agree, sizes and names."""
    sizes = question.sides.map(lambda checkpoint: architecture(checkpoint, question.example.task))
    said = (
        answers(question).map(lambda p: p.summary)
        if question.pair.trained
        else Sides("random weights", "random weights")
    )
    cards = [
        markup.card(
            side,
            ("dl-name", name),
            ("dl-answer", answer),
            ("dl-small", f"{question.pair.title}: {checkpoint.name}"),
            ("dl-small", f"{size.layers} layers, {size.parameters / 1e6:.1f} M parameters"),
        )
        for (side, name), answer, checkpoint, size in zip(NAMES.items(), said, question.sides, sizes, strict=True)
    ]
    st.html(markup.strip(*cards))
    if question.pair.trained:
        _verdict(question)


def _verdict(question: Question) -> None:
    comparison = compare(answers(question))
    distance = (
        "Their labels differ, so their distributions cannot be compared."
        if comparison.divergence is None
        else f"Jensen–Shannon divergence of their predictions: {comparison.divergence:.3f} bits "
        "(0 = identical, 1 = nothing in common)."
    )
    sample = _sample_of(question.example)
    expected = verdict(answers(question), sample) if sample else None
    st.html(markup.note(" ".join(filter(None, (comparison.sentence, expected, distance)))))


@contextmanager
def problems_shown() -> Iterator[None]:
    """Shows what a user can cause as one sentence, and goes on: the only place that catches `AnalysisError`."""
    try:
        yield
    except AnalysisError as error:
        st.html(markup.problem(str(error)))
        text = st.session_state.get("text")
        if text and MASK in str(error) and MASK not in text:
            st.button(f"Put {MASK} in place of the last word", on_click=_place_mask)


def shows_place(slot: DeltaGenerator) -> Announce:
    """What shows in `slot` how far a reader is in the queue, and nothing there once it is their turn."""

    def show(place: int | None) -> None:
        if place == 0:
            slot.empty()
        elif place is None:
            slot.html(markup.note("Somebody asked the same a moment ago: the answer will be for both of you."))
        else:
            slot.html(markup.note(f"The server is computing for others: yours is number {place} in the queue."))

    return show


def say_unknown() -> None:
    """A sentence for each value of the address that is not known, and what is shown instead."""
    for sentence in address.unknown():
        st.html(markup.note(sentence))


def say_if_older(asked: Question) -> None:
    """Says so where the page shows the last question that worked, because the one just asked did not."""
    if current_question() != asked:
        st.html(markup.note("Below is the last question that worked."))


def footer(question: Question) -> None:
    """Versions, checkpoints, device and threads: what a reader needs to reproduce the page."""
    versions = " · ".join(f"{name} {version}" for name, version in VERSIONS.items())
    names = " and ".join(checkpoint.name for checkpoint in question.sides)
    st.divider()
    st.html(
        markup.element(
            "div",
            "dl-small",
            markup.escaped(
                f"{question.pair.title}: {names} · {versions} · Python {platform.python_version()} · "
                f"CPU, up to {os.cpu_count()} threads · float32"
            ),
        )
    )


def _pair_title(key: str) -> str:
    return "Your own" if key == OWN else PAIRS[key].title


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


def _text_form(task: str) -> Example:
    first = TASKS[task].samples[0]
    fields = TASKS[task].fields
    with st.form("texts", border=False):
        text = st.text_area(fields[0], key=address.keep("text", first.text, address.TEXT), height=100)
        text_pair = None
        if len(fields) == 2:
            key = address.keep("text_pair", first.text_pair or "", address.TEXT)
            text_pair = st.text_area(fields[1], key=key, height=140)
        st.form_submit_button("Ask both models", type="primary", width="stretch")
    example = Example(task, text, text_pair)
    sample = _sample_of(example)
    if sample:
        st.info(f"**{sample.title}.** {sample.look_for}")
    return example


def _sample_of(example: Example) -> Sample | None:
    """The sample that these texts are, if they are one."""
    return next(
        (s for s in TASKS[example.task].samples if (s.text, s.text_pair) == (example.text, example.text_pair)), None
    )


def _start_with_a_sample() -> None:
    """A new task starts with its own example, unless the reader typed a text, which is then asked in the new task."""
    typed = st.session_state.get("text", "")
    if any(typed == sample.text for task in TASKS.values() for sample in task.samples):
        _take(TASKS[st.session_state["task"]].samples[0])
    st.session_state["sample"] = None


def _take_sample() -> None:
    chosen = st.session_state["sample"]
    if chosen is not None:
        _take(TASKS[st.session_state["task"]].samples[chosen])


def take_over(example: Example) -> None:
    """Makes these texts the question in the sidebar; for callbacks, which run before it is drawn."""
    _take(example)
    st.session_state["sample"] = None


def _take(texts: Example | Sample) -> None:
    st.session_state["text"] = texts.text
    st.session_state["text_pair"] = texts.text_pair or ""


def _place_mask() -> None:
    st.session_state["text"] = with_mask(st.session_state["text"])
