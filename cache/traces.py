"""What both models do inside on a text, kept in memory only: traces are large and quick to make again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from analysis.inputs.examples import Example
from analysis.models import forward
from analysis.models.forward import Trace
from analysis.models.pairs import Checkpoint, Sides
from analysis.models.tokens import tokenize
from cache.loaded_models import model
from cache.remember import derive, recall

Value = TypeVar("Value")


def trace(checkpoint: Checkpoint, example: Example) -> Trace:
    """Attention weights and hidden states of one forward pass."""

    return derive(
        "trace",
        (checkpoint, example),
        lambda: model(checkpoint, example.task),
        lambda loaded: forward.trace(loaded, example),
    )


def trace_if_short(checkpoint: Checkpoint, example: Example) -> None:
    """For a page that needs the trace anyway: `prediction` then takes the answer from it, without a second pass.

    An example that takes several windows has no trace.
    """
    if len(tokenize(model(checkpoint, example.task), example)) == 1:
        trace(checkpoint, example)


def known_trace(checkpoint: Checkpoint, example: Example) -> Trace | None:
    """The trace, where it is in memory."""
    known: Trace | None = recall("trace", (checkpoint, example))
    return known


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
