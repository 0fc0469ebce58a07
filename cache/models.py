"""Loaded models, shared by all sessions of a process and bounded by their bytes."""

from __future__ import annotations

import os

import streamlit as st

from analysis.models import Model, load
from analysis.pairs import Checkpoint
from cache.memory import BoundedMemory

MODEL_BYTES = int(float(os.environ.get("DISTILLENS_MODEL_GB", "4")) * 1e9)


def model(checkpoint: Checkpoint, task: str) -> Model:
    """The loaded model of a checkpoint; the least recently used ones make room for it."""
    return _models().get_or_make(f"{task}\n{checkpoint}", lambda: load(checkpoint, task))


@st.cache_resource(show_spinner=False)
def _models() -> BoundedMemory[Model]:
    return BoundedMemory(MODEL_BYTES, size=lambda model: model.size_bytes)
