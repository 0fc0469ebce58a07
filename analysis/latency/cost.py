"""The cost of both models that does not depend on the machine: sizes, and memory and operations by length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.latency.config import BenchmarkConfig
from analysis.latency.memory import peak_bytes
from analysis.latency.operations import Operations, operations
from analysis.models.architecture import Architecture, architecture
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.progress import Progress, silent

LENGTHS = (8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of both models that does not depend on the machine: sizes, and memory and operations by length.

    `peak_bytes` [length]: the most memory that one forward pass of one sequence holds in addition to the weights
    (`memory.py` says what is counted); `operations` has one value per length.
    """

    architectures: Sides[Architecture]
    lengths: tuple[int, ...]
    peak_bytes: Sides[Array]
    operations: Sides[tuple[Operations, ...]]

    @property
    def finding(self) -> str:
        """What the student saves in weights, operations and memory, in a sentence."""
        weights = self.architectures.map(lambda size: float(size.parameters))
        counted = self.operations.map(lambda by_length: float(by_length[-1].total))
        peaks = self.peak_bytes.map(lambda by_length: float(by_length[-1]))
        return (
            f"The student has {_compared(weights, 'fewer', 'as many')} parameters, computes "
            f"{_compared(counted, 'fewer', 'as many')} operations at {self.lengths[-1]} tokens, and needs "
            f"{_compared(peaks, 'less', 'as much')} memory in addition to its weights."
        )


def _compared(amounts: Sides[float], less: str, same: str) -> str:
    per_cent = 100 * (amounts.student / amounts.teacher - 1)
    return same if round(per_cent, 1) == 0 else f"{abs(per_cent):.1f}% {less if per_cent < 0 else 'more'}"


def cost(models: Sides[Model], progress: Progress = silent) -> Cost:
    """The cost at each of `LENGTHS` that both models can read; `progress` receives the share that is done."""
    lengths = [length for length in LENGTHS if length <= min(model.max_tokens for model in models)]
    shares = np.cumsum(lengths) / sum(lengths)
    peaks, counts = [], []
    for length, share in zip(lengths, shares, strict=True):
        peaks.append([peak_bytes(model, BenchmarkConfig(tokens=length)) for model in models])
        counts.append([operations(model, length) for model in models])
        progress(float(share))
    return Cost(
        architectures=models.map(architecture),
        lengths=tuple(lengths),
        peak_bytes=Sides(*(frozen(side) for side in zip(*peaks, strict=True))),
        operations=Sides(*zip(*counts, strict=True)),
    )
