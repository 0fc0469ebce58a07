"""What both models do inside on a text, kept in memory only: traces are large and quick to make again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from analysis.inputs.examples import Example
from analysis.models import forward
from analysis.models.forward import Trace
from analysis.models.pairs import Checkpoint, Sides
from cache.loaded_models import model
from cache.lru_memory import BoundedMemory, array_bytes
from cache.remember import compute_queue, derive

TRACE_BYTES = 500_000_000

Value = TypeVar("Value")


def trace(checkpoint: Checkpoint, example: Example) -> Trace:
    """Attention weights and hidden states of one forward pass."""

    def compute() -> Trace:
        loaded = model(checkpoint, example.task)
        with compute_queue().acquire():
            return forward.trace(loaded, example)

    return _traces().get_or_make(f"{checkpoint}\n{example}", compute)


def from_traces(
    analysis: str,
    sides: Sides[Checkpoint],
    example: Example,
    compute: Callable[[Sides[Trace]], Value],
    *options: object,
) -> Value:
    """What follows from both models' traces of a text, and these options."""
    return derive(
        analysis,
        (sides, example, *options),
        lambda: sides.map(lambda checkpoint: trace(checkpoint, example)),
        compute,
    )


@st.cache_resource(show_spinner=False)
def _traces() -> BoundedMemory[Trace]:
    return BoundedMemory(TRACE_BYTES, size=array_bytes)
