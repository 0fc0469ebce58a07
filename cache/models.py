"""What models are made of, remembered."""

from __future__ import annotations

from analysis.models import architecture as architectures
from analysis.models.architecture import Architecture
from analysis.models.pairs import Checkpoint
from cache.remember import remember


def architecture(checkpoint: Checkpoint, task: str) -> Architecture:
    """The sizes of a checkpoint's model."""
    return remember("architecture", Architecture, [(checkpoint, task)], architectures.architecture)
