"""How much of this machine's capability a model uses (the roofline model, Williams et al. 2009,
https://doi.org/10.1145/1498765.1498785).

A model can be no faster than the machine multiplies, nor faster than its weights arrive from memory. The fewer
operations per byte of weights (short texts, one at a time), the more memory is the limit. Weights that fit into the
processor's cache arrive faster than that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns

from analysis.latency.machine import threads
from analysis.latency.operations import operations
from analysis.latency.profile import LatencyProfile
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.statistics import Estimate

SIDE = 2_048  # of the square matrices
COPIED_BYTES = 128_000_000  # more than fits into the caches of most processors
TRIES = 5


@dataclass(frozen=True, slots=True)
class Peaks:
    """This machine's measured peaks: GFLOP/s of a float32 matrix product, GB/s of copying memory."""

    threads: int
    gflops: float
    gigabytes: float

    def roof(self, intensity: float) -> float:
        """The GFLOP/s that are possible at so many operations per byte (the roofline model, Williams et al. 2009)."""
        return min(self.gflops, self.gigabytes * intensity)


@dataclass(frozen=True, slots=True)
class Achieved:
    """One side of a profile compared with this machine's peaks. `share`: `gflops` over the peak of a matrix product."""

    gflops: Estimate
    share: Estimate
    intensity: float
    roof: float


def peaks(count: int) -> Peaks:
    """This machine's peaks with `count` threads, each the best of `TRIES`; takes about a second."""
    import torch

    left, right = (torch.rand(SIDE, SIDE) for _ in range(2))
    product = torch.empty(SIDE, SIDE)
    source, destination = (torch.ones(COPIED_BYTES // 4) for _ in range(2))
    with threads(count), torch.inference_mode():
        multiplied = _fastest_ns(lambda: torch.mm(left, right, out=product))
        copied = _fastest_ns(lambda: destination.copy_(source))
    return Peaks(count, gflops=2 * SIDE**3 / multiplied, gigabytes=2 * COPIED_BYTES / copied)  # read, and written


def achieved(profile: LatencyProfile, models: Sides[Model], peak: Peaks) -> Sides[Achieved]:
    """The GFLOP/s that both sides of a float32 profile reach at the median, compared with this machine's peaks."""
    sides = zip(models, profile.tokens, profile.p50, strict=True)
    return Sides(*(_achieved(model, tokens, profile.config.batch, p50, peak) for model, tokens, p50 in sides))


def _achieved(model: Model, tokens: int, batch: int, p50: Estimate, peak: Peaks) -> Achieved:
    counted = operations(model, tokens, batch)
    gflops = Estimate(*(counted.total / (1e6 * took) for took in (p50.value, p50.high, p50.low)))
    share = Estimate(*(reached / peak.gflops for reached in (gflops.value, gflops.low, gflops.high)))
    return Achieved(gflops, share, counted.intensity, peak.roof(counted.intensity))


def _fastest_ns(work: Callable[[], object]) -> int:
    work()
    took = []
    for _ in range(TRIES):
        start = perf_counter_ns()
        work()
        took.append(perf_counter_ns() - start)
    return min(took)
