"""Finished results, remembered in the process and in the store that survives a restart.

    remember("prediction", Classification, [(checkpoint, "sentiment")], predict_it, texts=example.texts)

A result is looked for in memory, in the store, and among those that ship with the embedded pair; else it is computed
when it is its turn. Equal requests at the same time compute once. Each page has a file here that says what it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import streamlit as st

from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import Checkpoint
from analysis.settings import settings
from cache import metrics, precomputed
from cache.codec import CorruptResult, decode, encode
from cache.keys import Request, content_key, result_key
from cache.loaded_models import model
from cache.lru_memory import BoundedMemory, bytes_of
from cache.store import ResultStore, open_store
from cache.turns import turn

Value = TypeVar("Value")
Part = TypeVar("Part")

PLACE_BYTES = 600  # of a key, a hash with a name, and of its place in the memory


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

    def make() -> Value:
        nonlocal found
        for place, look_up in PLACES.items():
            known = _decoded(value_type, look_up(key, request))
            if known is not None:
                found = place
                return cast(Value, known)
        found = "computed"
        return computed()

    def computed() -> Value:
        # before taking the turn: a slow download must not hold up everybody else
        loaded = [model(checkpoint, task) for checkpoint, task in asked]
        with turn(analysis):
            value = compute(*loaded)
        data = encode(value)
        store().put(key, data)
        metrics.STORED_BYTES.labels("put").inc(len(data))
        return value

    value: Value = memory().get_or_make(key, make)
    metrics.RESULTS.labels(found).inc()
    precomputed.note(request, value)
    return value


def shipped(request: Request, value_type: Any) -> Any:
    """What ships with the embedded pair, or None: for what is measured, which `remember` must not take for its own."""

    return kept(f"shipped {result_key(**request)}", lambda: _decoded(value_type, precomputed.find(request)))


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

    `asked` is all that it depends on (see `content_key`).
    """

    def make() -> Value:
        part = gather()  # before taking the turn, as each has one of its own
        with turn(analysis):
            return compute(part)

    return kept(f"{analysis} {content_key(*asked)}", make)


def recall(analysis: str, asked: Sequence[object]) -> Any:
    """What `derive` made and is still in memory, or None."""
    return memory().recall(f"{analysis} {content_key(*asked)}")


def remember_drawing(name: str, draw: Callable[[], Value], asked: Sequence[Any]) -> Value:
    """What `draw` makes, kept in memory under a name and what `asked` holds; nobody may change it afterwards.

    `asked` is all that it depends on (see `content_key`).
    """
    return kept(f"{name} {content_key(*asked)}", draw)


def fingerprint(checkpoint: Checkpoint, task: str) -> str:
    """Without loading the model where that can be: what is in the store is then shown before torch is imported."""
    return kept(
        f"fingerprint {content_key(checkpoint, task)}",
        lambda: fingerprint_of(checkpoint) or model(checkpoint, task).fingerprint,
    )


def kept(key: str, make: Callable[[], Value]) -> Value:
    """What `make` makes, from memory, or made and kept there under `key`."""
    value: Value = memory().get_or_make(key, make)
    return value


def _from_store(key: str, request: Request) -> bytes | None:
    data = store().get(key)
    if data is not None:
        metrics.STORED_BYTES.labels("got").inc(len(data))
    return data


def _from_shipped(key: str, request: Request) -> bytes | None:
    return precomputed.find(request)


PLACES: dict[str, Callable[[str, Request], bytes | None]] = {"store": _from_store, "shipped": _from_shipped}


def _decoded(value_type: Any, data: bytes | None) -> Any:
    """A value; None if there is none or it is damaged: it is computed again."""
    if data is None:
        return None
    try:
        return decode(value_type, data)
    except CorruptResult:
        return None


@st.cache_resource(show_spinner=False)
def store() -> ResultStore:
    chosen = settings()
    return open_store(chosen.cache_url, chosen.folder, chosen.store_bytes, days=chosen.keep_days)


@st.cache_resource(show_spinner=False)
def memory() -> BoundedMemory[Any]:
    """All that is remembered in the process beside the models, each with its bytes."""
    kept: BoundedMemory[Any] = BoundedMemory(settings().result_bytes, size=lambda value: PLACE_BYTES + bytes_of(value))
    metrics.MEMORY_BYTES.labels("results").set_function(lambda: kept.used_bytes)
    return kept
