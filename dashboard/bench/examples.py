"""Examples to start from, as chips above the text."""

from __future__ import annotations

import streamlit as st

from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample
from analysis.inputs.tasks import TASKS
from dashboard.attention.controls import NO_WORD


def chips(task: str) -> None:
    """One chip per example; a click asks it."""
    samples = TASKS[task].samples
    st.pills(
        "Examples",
        range(len(samples)),
        format_func=lambda index: samples[index].title,
        key="sample",
        on_change=_take_sample,
        label_visibility="collapsed",
        wrap=False,
    )


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
