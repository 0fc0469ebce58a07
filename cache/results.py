"""Finished results, remembered in the process and in the store that survives a restart.

    answers = sides.map(lambda checkpoint: prediction(checkpoint, example))

A result is looked for in memory, then in the store, and computed when it is its turn. Equal requests at the same time
compute once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import streamlit as st

from analysis.ablation import Importance, importance, switched_off, target_of
from analysis.architecture import Architecture
from analysis.architecture import architecture as architecture_of
from analysis.examples import Example
from analysis.matching import HeadMatching, match_heads
from analysis.models import Model, fingerprint_of
from analysis.pairs import Checkpoint, Sides
from analysis.predict import predict
from analysis.predictions import Prediction
from analysis.tokens import Tokens, tokenize
from analysis.trace import Trace
from analysis.trace import trace as trace_of
from cache.codec import DamagedResult, decode, encode
from cache.keys import result_key
from cache.memory import BoundedMemory
from cache.models import model
from cache.store import ResultStore, open_store
from cache.turns import Turns

STORE_BYTES = int(float(os.environ.get("DISTILLENS_CACHE_GB", "1")) * 1e9)
RESULT_BYTES = 250_000_000
TRACE_BYTES = 500_000_000
FINGERPRINT_BYTES = 1_000_000
MATCHING_BYTES = 20_000_000
WAITING = 16  # requests in the queue; the next one is told so

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Windows:
    """The token sequences of one example, as one value to remember."""

    tokens: tuple[Tokens, ...]


def prediction(checkpoint: Checkpoint, example: Example) -> Prediction:
    """A model's answer to a checked example."""
    return _remembered(
        "prediction", Prediction, checkpoint, example.task, example.texts, lambda model: predict(model, example)
    )


def tokens(checkpoint: Checkpoint, example: Example) -> tuple[Tokens, ...]:
    """A checked example as a model's tokens, one sequence a window."""
    windows = _remembered(
        "tokens", Windows, checkpoint, example.task, example.texts, lambda model: Windows(tokenize(model, example))
    )
    return windows.tokens


def architecture(checkpoint: Checkpoint, task: str) -> Architecture:
    """The sizes of a checkpoint's model."""
    return _remembered("architecture", Architecture, checkpoint, task, (), architecture_of)


def trace(checkpoint: Checkpoint, example: Example) -> Trace:
    """Attention weights and hidden states of one forward pass: kept in memory only, since they are large and quick."""

    def compute() -> Trace:
        loaded = model(checkpoint, example.task)
        with turns().take():
            return trace_of(loaded, example)

    return _traces().get_or_make(f"{checkpoint}\n{example}", compute)


def head_matching(sides: Sides[Checkpoint], example: Example) -> HeadMatching:
    """All heads of both models matched on a text: kept in memory only."""

    def compute() -> HeadMatching:
        traces = sides.map(lambda checkpoint: trace(checkpoint, example))
        with turns().take():
            return match_heads(traces)

    return _matchings().get_or_make(f"{sides}\n{example}", compute)


def without_heads(checkpoint: Checkpoint, example: Example, heads: tuple[tuple[int, int], ...]) -> Prediction:
    """A model's answer with these heads (layer, head) switched off."""

    def compute(model: Model) -> Prediction:
        with switched_off(model, heads=heads):
            return predict(model, example)

    return _remembered(
        "without heads", Prediction, checkpoint, example.task, example.texts, compute, {"heads": str(sorted(heads))}
    )


def head_importance(
    sides: Sides[Checkpoint], example: Example, progress: Callable[[float], None] = lambda share: None
) -> Sides[Importance]:
    """What each head of both models does for what the teacher answers; `progress` hears the share that is done."""
    asked = prediction(sides.teacher, example)
    options = {"target": fingerprint(sides.teacher, example.task)}

    def one(checkpoint: Checkpoint) -> Importance:
        def compute(model: Model) -> Importance:
            target = target_of(asked, model, tokenize(model, example)[0])
            return importance(model, example, target, progress=progress)

        return _remembered("importance", Importance, checkpoint, example.task, example.texts, compute, options)

    return sides.map(one)


def _remembered(
    analysis: str,
    value_type: Any,
    checkpoint: Checkpoint,
    task: str,
    texts: tuple[str, ...],
    compute: Callable[[Model], Value],
    options: Mapping[str, str | int | float | bool | None] | None = None,
) -> Value:
    key = result_key(
        checkpoints=(fingerprint(checkpoint, task),),
        task=task,
        texts=texts,
        analysis=analysis,
        options=options or {},
    )

    def computed() -> Value:
        loaded = model(checkpoint, task)  # before taking the turn: a slow download must not hold up everybody else
        with turns().take():
            return compute(loaded)

    return remembered(key, value_type, computed)


def remembered(key: str, value_type: Any, compute: Callable[[], Value]) -> Value:
    """The value under a key: from memory, from the store, or else computed and put into both."""

    def make() -> tuple[Value, int]:
        return _from_store(key, value_type) or _computed(key, compute)

    return cast(Value, _results().get_or_make(key, make)[0])


def fingerprint(checkpoint: Checkpoint, task: str) -> str:
    """Without loading the model where that can be: what is in the store is then shown before torch is imported."""
    return _fingerprints().get_or_make(
        f"{task}\n{checkpoint}", lambda: fingerprint_of(checkpoint) or model(checkpoint, task).fingerprint
    )


def _from_store(key: str, value_type: Any) -> tuple[Any, int] | None:
    data = store().get(key)
    try:
        return None if data is None else (decode(value_type, data), len(data))
    except DamagedResult:
        return None  # computed again, and put in its place


def _computed(key: str, compute: Callable[[], Value]) -> tuple[Value, int]:
    value = compute()
    data = encode(value)
    store().put(key, data)
    return value, len(data)


def cache_folder() -> Path:
    """Where results are kept: DISTILLENS_CACHE, or the user's cache folder (XDG Base Directory Specification)."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("DISTILLENS_CACHE") or base / "distillens")


@st.cache_resource(show_spinner=False)
def store() -> ResultStore:
    return open_store(os.environ.get("CACHE_URL"), cache_folder(), STORE_BYTES)


@st.cache_resource(show_spinner=False)
def turns() -> Turns:
    return Turns(WAITING)


@st.cache_resource(show_spinner=False)
def _results() -> BoundedMemory[tuple[Any, int]]:
    return BoundedMemory(RESULT_BYTES, size=lambda entry: entry[1])


@st.cache_resource(show_spinner=False)
def _matchings() -> BoundedMemory[HeadMatching]:
    return BoundedMemory(MATCHING_BYTES, size=lambda matching: matching.distances.values.nbytes)


@st.cache_resource(show_spinner=False)
def _fingerprints() -> BoundedMemory[str]:
    return BoundedMemory(FINGERPRINT_BYTES, size=len)


@st.cache_resource(show_spinner=False)
def _traces() -> BoundedMemory[Trace]:
    return BoundedMemory(TRACE_BYTES, size=lambda trace: trace.attentions.nbytes + trace.hidden_states.nbytes)
