"""What models are made of, remembered."""

from __future__ import annotations

from analysis.models import architecture as architectures
from analysis.models.architecture import Architecture
from analysis.models.families import Build, known_origins
from analysis.models.pairs import Checkpoint, Sides
from cache.remember import remember


def architecture(checkpoint: Checkpoint, task: str) -> Architecture:
    """The sizes of a checkpoint's model."""
    return remember("architecture", Architecture, [(checkpoint, task)], architectures.architecture)


def build(checkpoint: Checkpoint, task: str) -> Build:
    """What a checkpoint's model is built like."""
    if checkpoint.architecture:  # the sizes ship with the embedded pair
        sizes = architecture(checkpoint, task)
        return Build(checkpoint.architecture, sizes.layers, sizes.heads, sizes.width)
    found: Build = remember("build", Build, [(checkpoint, task)], lambda model: model.build)
    return found


def origins(sides: Sides[Checkpoint], task: str) -> tuple[int, ...] | None:
    """The teacher layer (from 0) that each student layer was initialised from; None where that is not known."""
    return known_origins(*(build(checkpoint, task) for checkpoint in sides))
