"""Finished results, remembered in the process and in the store that survives a restart.

    remember("prediction", Classification, [(checkpoint, "sentiment")], predict_it, texts=example.texts)

A result is looked for in memory, in the store, and among those that ship with the embedded pair; else it is computed
when it is its turn. Equal requests at the same time compute once. Each page has a file here that says what it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import streamlit as st

from analysis.models.model import fingerprint_of
from analysis.models.pairs import Checkpoint
from analysis.settings import settings
from cache import metrics, precomputed
from cache.codec import CorruptResult, decode, encode
from cache.keys import Request, content_key, result_key
from cache.loaded_models import model
from cache.lru_memory import BoundedMemory, array_bytes
from cache.store import ResultStore, open_store
from cache.turns import turn

Value = TypeVar("Value")
Part = TypeVar("Part")


Asked = Sequence[tuple[Checkpoint, str]]  # checkpoints, each with the task that it is loaded for
Options = Mapping[str, str | int | float | bool | None]


def remember(
    analysis: str,
    value_type: Any,
    asked: Asked,
    compute: Callable[..., Value],
    *,
    texts: tuple[str, ...] = (),
    options: Options | None = None,
) -> Value:
    """What `compute` makes of the models that are asked: each checkpoint, loaded for a task.

    From memory, from the store or from what ships, or else computed and put into memory and store. `analysis`, the
    texts and the options say all that the result depends on beside the models.
    """
    request = request_for(analysis, asked, texts, options)
    key = result_key(**request)

    found = "memory"

    def make() -> tuple[Any, int]:
        nonlocal found
        for place, look_up in PLACES.items():
            if known := _decoded(value_type, look_up(key, request)):
                found = place
                return known
        found = "computed"
        return computed()

    def computed() -> tuple[Value, int]:
        # before taking the turn: a slow download must not hold up everybody else
        loaded = [model(checkpoint, task) for checkpoint, task in asked]
        with turn(analysis):
            value = compute(*loaded)
        data = encode(value)
        store().put(key, data)
        metrics.STORED_BYTES.labels("put").inc(len(data))
        return value, len(data)

    value, _ = memory().get_or_make(key, make)
    metrics.RESULTS.labels(found).inc()
    precomputed.note(request, value)
    return cast(Value, value)


def shipped(request: Request, value_type: Any) -> Any:
    """What ships with the embedded pair, or None: for what is measured, which `remember` must not take for its own."""

    def look() -> tuple[Any, int]:
        return _decoded(value_type, precomputed.find(request)) or (None, 0)

    return kept(f"shipped {result_key(**request)}", look, lambda entry: entry[1])[0]


def request_for(analysis: str, asked: Asked, texts: tuple[str, ...] = (), options: Options | None = None) -> Request:
    """What a result is of, as it is looked up."""
    return {
        "checkpoints": [fingerprint(checkpoint, task) for checkpoint, task in asked],
        "task": ", ".join(dict.fromkeys(task for _, task in asked)),
        "texts": texts,
        "analysis": analysis,
        "options": options or {},
    }


def derive(
    analysis: str, asked: Sequence[object], gather: Callable[[], Part], compute: Callable[[Part], Value]
) -> Value:
    """What follows from other results, which `gather` asks for, kept in memory only: it is quick to compute again.

    `asked` is all that it depends on, in values whose text tells them apart.
    """

    def make() -> Value:
        part = gather()  # before taking the turn, as each has one of its own
        with turn(analysis):
            return compute(part)

    value: Value = kept("\n".join(map(str, (analysis, *asked))), make, array_bytes)
    return value


def remember_drawing(name: str, draw: Callable[[], Value], asked: Sequence[Any], size: Callable[[Value], int]) -> Value:
    """What `draw` makes, kept in memory under a name and what `asked` holds; nobody may change it afterwards.

    `asked` is all that it depends on (see `content_key`), and `size` tells its bytes.
    """

    return kept(f"{name} {content_key(*asked)}", draw, size)


def fingerprint(checkpoint: Checkpoint, task: str) -> str:
    """Without loading the model where that can be: what is in the store is then shown before torch is imported."""
    return kept(
        f"fingerprint\n{task}\n{checkpoint}",
        lambda: fingerprint_of(checkpoint) or model(checkpoint, task).fingerprint,
        len,
    )


def kept(key: str, make: Callable[[], Value], size: Callable[[Value], int]) -> Value:
    """What `make` makes, from memory, or made and kept there under `key`; `size` tells its bytes."""

    def make_and_measure() -> tuple[Value, int]:
        value = make()
        return value, size(value)

    return cast(Value, memory().get_or_make(key, make_and_measure)[0])


def _from_store(key: str, request: Request) -> bytes | None:
    data = store().get(key)
    if data is not None:
        metrics.STORED_BYTES.labels("got").inc(len(data))
    return data


def _from_shipped(key: str, request: Request) -> bytes | None:
    return precomputed.find(request)


PLACES: dict[str, Callable[[str, Request], bytes | None]] = {"store": _from_store, "shipped": _from_shipped}


def _decoded(value_type: Any, data: bytes | None) -> tuple[Any, int] | None:
    """A value and its bytes; None if there is none or it is damaged: it is computed again."""
    if data is None:
        return None
    try:
        return decode(value_type, data), len(data)
    except CorruptResult:
        return None


@st.cache_resource(show_spinner=False)
def store() -> ResultStore:
    chosen = settings()
    return open_store(chosen.cache_url, chosen.folder, chosen.store_bytes, days=chosen.keep_days)


@st.cache_resource(show_spinner=False)
def memory() -> BoundedMemory[tuple[Any, int]]:
    """All that is remembered in the process beside the models, each with its bytes."""
    kept: BoundedMemory[tuple[Any, int]] = BoundedMemory(settings().result_bytes, size=lambda entry: entry[1])
    metrics.MEMORY_BYTES.labels("results").set_function(lambda: kept.used_bytes)
    return kept
