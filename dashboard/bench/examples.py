"""Examples to start from, as chips above the text."""

from __future__ import annotations

import streamlit as st

from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import Pair
from cache.predictions import all_samples_ship, sample_disagreements
from dashboard.attention.controls import NO_WORD

EDITED_FROM = "edited from"  # in the session: the example before a word of it was edited on the bench


def chips(pair: Pair | None, task: str) -> None:
    """One chip per example, those first that the models are known to disagree on; a click asks it."""
    samples = TASKS[task].samples
    parting = _parting(pair, task)
    differ = [sample in parting for sample in samples]
    st.pills(
        "Examples",
        sorted(range(len(samples)), key=lambda index: not differ[index]),
        format_func=lambda index: f"{'≠ ' if differ[index] else ''}{samples[index].title}",
        key="sample",
        on_change=_take_sample,
        label_visibility="collapsed",
        wrap=False,
    )


def _parting(pair: Pair | None, task: str) -> set[Sample]:
    """The examples that the two are known to answer differently, without asking them."""
    sides = pair.checkpoints.get(task) if pair and pair.trained else None
    if sides is None or not all_samples_ship(sides, task):
        return set()
    return {one.sample for one in sample_disagreements(sides, task)}


def next_example() -> None:
    """Asks the next example of the task; for callbacks."""
    task = st.session_state["task"]
    samples = TASKS[task].samples
    current = [index for index, sample in enumerate(samples) if sample.text == st.session_state["text"]]
    st.session_state["sample"] = (current[0] + 1) % len(samples) if current else 0
    _take_sample()


def sample_of(example: Example) -> Sample | None:
    """The example that these texts are, if they are one."""
    return next(
        (s for s in TASKS[example.task].samples if (s.text, s.text_pair) == (example.text, example.text_pair)), None
    )


def start_with_an_example() -> None:
    """A new task starts with its own example, unless the reader typed a text, which is then asked in the new task."""
    typed = st.session_state.get("text", "")
    if any(typed == sample.text for task in TASKS.values() for sample in task.samples):
        _take(TASKS[st.session_state["task"]].samples[0])
    st.session_state["sample"] = None


def take_over(example: Example) -> None:
    """Makes these texts the question; for callbacks, which run before it is drawn."""
    _take(example)
    st.session_state["sample"] = None


def _take_sample() -> None:
    chosen = st.session_state["sample"]
    if chosen is not None:
        _take(TASKS[st.session_state["task"]].samples[chosen])


def _take(texts: Example | Sample) -> None:
    st.session_state["text"] = texts.text
    st.session_state["text_pair"] = texts.text_pair or ""
    st.session_state["word"] = NO_WORD  # it was one of the texts before
    st.session_state.pop(EDITED_FROM, None)
