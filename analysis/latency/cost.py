"""What both models cost whatever the machine: sizes, and memory and operations by length."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.arrays import frozen
from analysis.latency.memory import peak_bytes
from analysis.latency.operations import operations
from analysis.latency.profile import Cost, Setting
from analysis.models.architecture import architecture
from analysis.models.model import Model
from analysis.models.pairs import Sides

LENGTHS = (8, 16, 32, 64, 128, 256, 512)


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
