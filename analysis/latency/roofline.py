"""How much of this machine a model makes use of (the roofline model, Williams et al. 2009,
https://doi.org/10.1145/1498765.1498785).

A model can be no faster than the machine multiplies, nor than its weights come from memory. The fewer operations there
are for each byte of weights, the more it is memory that counts: short texts, one at a time. Weights that fit into the
processor's cache come faster than that.
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
COPIED_BYTES = 128_000_000  # more than the caches of most processors hold
TRIES = 5


@dataclass(frozen=True, slots=True)
class Peaks:
    """What this machine can do at most, as measured: GFLOP/s of a float32 matrix product, GB/s of copying memory."""

    threads: int
    gflops: float
    gigabytes: float

    def roof(self, intensity: float) -> float:
        """GFLOP/s that are possible at so many operations a byte (the roofline model, Williams et al. 2009)."""
        return min(self.gflops, self.gigabytes * intensity)


@dataclass(frozen=True, slots=True)
class Achieved:
    """One side of a profile against this machine's peaks. `share` is `gflops` over the peak of a matrix product."""

    gflops: Estimate
    share: Estimate
    intensity: float
    roof: float


def peaks(count: int) -> Peaks:
    """This machine's with so many threads, each the best of `TRIES`, measured in about a second."""
    import torch

    one, other = (torch.rand(SIDE, SIDE) for _ in range(2))
    product = torch.empty(SIDE, SIDE)
    source, target = (torch.ones(COPIED_BYTES // 4) for _ in range(2))
    with threads(count), torch.inference_mode():
        multiplied = _fastest_ns(lambda: torch.mm(one, other, out=product))
        copied = _fastest_ns(lambda: target.copy_(source))
    return Peaks(count, gflops=2 * SIDE**3 / multiplied, gigabytes=2 * COPIED_BYTES / copied)  # read, and written


def achieved(profile: LatencyProfile, models: Sides[Model], peak: Peaks) -> Sides[Achieved]:
    """What both sides of a profile in float32 reach, at the median, against this machine's peaks."""
    sides = zip(models, profile.tokens, profile.p50, strict=True)
    return Sides(*(_achieved(model, tokens, profile.setting.batch, p50, peak) for model, tokens, p50 in sides))


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
