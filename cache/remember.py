"""Finished results, remembered in the process and in the store that survives a restart.

    remember("prediction", Classification, [(checkpoint, "sentiment")], predict_it, texts=example.texts)

A result is looked for in memory, then in the store, and computed when it is its turn. Equal requests at the same time
compute once. Each page has a file here that says what it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import streamlit as st

from analysis.models.model import fingerprint_of
from analysis.models.pairs import Checkpoint
from cache.codec import CorruptResult, decode, encode
from cache.compute_queue import ComputeQueue
from cache.keys import result_key
from cache.loaded_models import model
from cache.lru_memory import BoundedMemory, array_bytes
from cache.settings import settings
from cache.store import ResultStore, open_store

RESULT_BYTES = 250_000_000
FINGERPRINT_BYTES = 1_000_000
DERIVED_BYTES = 100_000_000  # what follows from other results
WAITING = 16  # requests in the queue; the next one is told so

Value = TypeVar("Value")
Part = TypeVar("Part")


def remember(
    analysis: str,
    value_type: Any,
    asked: Sequence[tuple[Checkpoint, str]],
    compute: Callable[..., Value],
    *,
    texts: tuple[str, ...] = (),
    options: Mapping[str, str | int | float | bool | None] | None = None,
) -> Value:
    """What `compute` makes of the models that are asked: each checkpoint, loaded for a task.

    From memory, from the store, or else computed and put into both. `analysis`, the texts and the options say all that
    the result depends on beside the models.
    """
    key = result_key(
        checkpoints=[fingerprint(checkpoint, task) for checkpoint, task in asked],
        task=", ".join(dict.fromkeys(task for _, task in asked)),
        texts=texts,
        analysis=analysis,
        options=options or {},
    )

    def computed() -> tuple[Value, int]:
        # before taking the turn: a slow download must not hold up everybody else
        loaded = [model(checkpoint, task) for checkpoint, task in asked]
        with compute_queue().acquire():
            value = compute(*loaded)
        data = encode(value)
        store().put(key, data)
        return value, len(data)

    return cast(Value, _results().get_or_make(key, lambda: _from_store(key, value_type) or computed())[0])


def derive(
    analysis: str, asked: Sequence[object], gather: Callable[[], Part], compute: Callable[[Part], Value]
) -> Value:
    """What follows from other results, which `gather` asks for, kept in memory only: it is quick to compute again.

    `asked` is all that it depends on, in values whose text tells them apart.
    """

    def make() -> Value:
        part = gather()  # before taking the turn, as each has one of its own
        with compute_queue().acquire():
            return compute(part)

    return cast(Value, _derived().get_or_make("\n".join(map(str, (analysis, *asked))), make))


def fingerprint(checkpoint: Checkpoint, task: str) -> str:
    """Without loading the model where that can be: what is in the store is then shown before torch is imported."""
    return _fingerprints().get_or_make(
        f"{task}\n{checkpoint}", lambda: fingerprint_of(checkpoint) or model(checkpoint, task).fingerprint
    )


def _from_store(key: str, value_type: Any) -> tuple[Any, int] | None:
    data = store().get(key)
    try:
        return None if data is None else (decode(value_type, data), len(data))
    except CorruptResult:
        return None  # computed again, and put in its place


@st.cache_resource(show_spinner=False)
def store() -> ResultStore:
    chosen = settings()
    return open_store(chosen.cache_url, chosen.folder, chosen.store_bytes)


@st.cache_resource(show_spinner=False)
def compute_queue() -> ComputeQueue:
    return ComputeQueue(WAITING)


@st.cache_resource(show_spinner=False)
def _results() -> BoundedMemory[tuple[Any, int]]:
    return BoundedMemory(RESULT_BYTES, size=lambda entry: entry[1])


@st.cache_resource(show_spinner=False)
def _derived() -> BoundedMemory[Any]:
    return BoundedMemory(DERIVED_BYTES, size=array_bytes)


@st.cache_resource(show_spinner=False)
def _fingerprints() -> BoundedMemory[str]:
    return BoundedMemory(FINGERPRINT_BYTES, size=len)
