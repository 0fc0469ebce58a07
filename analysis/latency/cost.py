"""What both models cost whatever the machine: sizes, and memory and operations by length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.latency.config import Setting
from analysis.latency.memory import peak_bytes
from analysis.latency.operations import Operations, operations
from analysis.models.architecture import Architecture, architecture
from analysis.models.model import Model
from analysis.models.pairs import Sides

LENGTHS = (8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True, slots=True)
class Cost:
    """What both models cost whatever the machine: sizes, and for each of `lengths` memory and operations.

    `peak_bytes` [length]: the most that one forward pass of one sequence holds beside the weights (`memory.py` says
    what is counted); `operations` has one value a length.
    """

    architectures: Sides[Architecture]
    lengths: tuple[int, ...]
    peak_bytes: Sides[Array]
    operations: Sides[tuple[Operations, ...]]


def cost(models: Sides[Model], progress: Callable[[float], None] = lambda share: None) -> Cost:
    """At each of `LENGTHS` that both models read; `progress` hears the share of the work that is done."""
    lengths = [length for length in LENGTHS if length <= min(model.max_tokens for model in models)]
    shares = np.cumsum(lengths) / sum(lengths)
    peaks, counts = [], []
    for length, share in zip(lengths, shares, strict=True):
        peaks.append([peak_bytes(model, Setting(tokens=length)) for model in models])
        counts.append([operations(model, length) for model in models])
        progress(float(share))
    return Cost(
        architectures=models.map(architecture),
        lengths=tuple(lengths),
        peak_bytes=Sides(*(frozen(side) for side in zip(*peaks, strict=True))),
        operations=Sides(*zip(*counts, strict=True)),
    )
