"""Loaded models, shared by all sessions of a process and bounded by their bytes."""

from __future__ import annotations

import os
from pathlib import Path
from weakref import WeakValueDictionary

import streamlit as st

from analysis.models.hub import HubName, fetch, weight_files
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint
from analysis.models.weight_files import Weights, read_weights
from analysis.settings import settings
from cache import metrics
from cache.allocator import give_back_memory
from cache.lru_memory import BoundedMemory

FETCHED_SECONDS = 60  # for which the word of the hub on a commit holds
PIECE_BYTES = 500  # of a tokenizer, with its list of pieces, for each piece


def model(checkpoint: Checkpoint, task: str) -> Model:
    """The loaded model of a checkpoint; the least recently used ones make room for it."""

    def read() -> Model:
        loaded = load(checkpoint, task, weights_of=base_weights, fetched=lambda name: _fetched(str(name)))
        give_back_memory()
        return loaded

    return _models().get_or_make(f"{task}\n{checkpoint}", read)


def held_bytes(loaded: Model) -> int:
    """The bytes that go when a model goes, unless another one shares them: weights, its base's too, and tokenizer."""
    tensors = (*loaded.network.parameters(), *loaded.network.buffers(), *(loaded.weights or {}).values())
    storages = (tensor.untyped_storage() for tensor in tensors)
    return sum({one.data_ptr(): one.nbytes() for one in storages}.values()) + PIECE_BYTES * len(loaded.tokenizer)


def base_weights(name: str, folder: Path) -> Weights:
    """The tensors of a checkpoint's folder, read once for as long as any loaded model holds them."""
    stats = ((file, (folder / file).stat()) for file in weight_files(os.listdir(folder)))
    key = f"{folder}\n" + "\n".join(f"{file} {stat.st_size} {stat.st_mtime_ns}" for file, stat in stats)
    weights = _bases().get(key)
    if weights is None:
        weights = _bases()[key] = read_weights(name, folder)
    return weights


@st.cache_resource(show_spinner=False, ttl=FETCHED_SECONDS, max_entries=100)
def _fetched(name: str) -> tuple[Path, str]:
    """Folder and commit of a checkpoint on the hub: two that are compared are each asked for twice."""
    repository, _, revision = name.partition("@")
    return fetch(HubName(repository, revision or None))


@st.cache_resource(show_spinner=False)
def _models() -> BoundedMemory[Model]:
    loaded: BoundedMemory[Model] = BoundedMemory(settings().model_bytes, size=held_bytes)
    metrics.MEMORY_BYTES.labels("models").set_function(lambda: loaded.used_bytes)
    return loaded


@st.cache_resource(show_spinner=False)
def _bases() -> WeakValueDictionary[str, Weights]:
    return WeakValueDictionary()
