"""What all pages share: the question, its answers, the one place that catches errors, notes, and the footer."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.errors import AnalysisError, SeveralWindows
from analysis.inputs.examples import Example, checked, has_typed_mask, with_mask
from analysis.inputs.tasks import MASK
from analysis.models.pairs import Checkpoint, Pair, Sides
from analysis.models.tokens import Tokens
from analysis.predictions.heads import head_that_gave
from analysis.predictions.stretch import with_stretch
from analysis.predictions.values import Prediction
from cache.compute_queue import Announce
from cache.predictions import prediction, tokens
from cache.traces import trace_if_short
from dashboard import address
from dashboard.ui import markup

FIELDS = ("text", "text_pair")  # keys of the state, in the order in which a task reads them

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


def current_question() -> Question:
    """The last question that both models could answer, which the page shows."""
    question: Question = st.session_state["question"]
    return question


def answers(question: Question) -> Sides[Prediction]:
    """Both models' answers to a question."""
    example = checked(question.example)
    return question.sides.map(lambda checkpoint: prediction(checkpoint, example))


def trace(question: Question) -> None:
    """Has both models traced on a question that they read at once, ahead of what follows from it."""
    example = checked(question.example)
    question.sides.map(lambda checkpoint: trace_if_short(checkpoint, example))


@contextmanager
def problems_shown() -> Iterator[None]:
    """Shows what a user can cause as one sentence, and goes on: the only place that catches `AnalysisError`."""
    try:
        yield
    except AnalysisError as error:
        st.html(markup.problem(str(error)))
        if isinstance(error, SeveralWindows) and _takes_windows():
            st.button("Keep the part that the teacher's answer rests on", on_click=_keep_stretch)
        text = st.session_state.get("text")
        if text and MASK in str(error) and MASK not in text:
            offer = f"Write it as {MASK}" if has_typed_mask(text) else f"Put {MASK} in place of the last word"
            st.button(offer, on_click=_place_mask)


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


def say_if_older(asked: Question | None) -> None:
    """Says so where the page shows the last question that worked, because the one just asked did not, or was none."""
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


def _takes_windows() -> bool:
    """Whether it is the text of the question that is longer than a model reads at once, and not one made of it."""
    return "question" in st.session_state and any(len(of_one) > 1 for of_one in _windows(current_question()))


def _windows(question: Question) -> Sides[tuple[Tokens, ...]]:
    return question.sides.map(lambda checkpoint: tokens(checkpoint, checked(question.example)))


def _keep_stretch() -> None:
    question = current_question()
    example = checked(question.example)
    answer = prediction(question.sides.teacher, example)
    if place := head_that_gave(answer).rests_on(answer):
        part = with_stretch(example, _windows(question), place)
        st.session_state.update(zip(FIELDS, part.texts, strict=False))


def _place_mask() -> None:
    st.session_state["text"] = with_mask(st.session_state["text"])
