"""What both models cost whatever the machine, and what this machine makes of it."""

from __future__ import annotations

from collections.abc import Callable

from analysis.arrays import Array
from analysis.latency.values import Achieved, Capacity, Cost, Energy, LatencyProfile, Operations, Peaks
from analysis.models import Model
from analysis.pairs import Sides

LENGTHS = (8, 16, 32, 64, 128, 256, 512)
WITHIN_MS = 100.0


def cost(models: Sides[Model], progress: Callable[[float], None] = lambda share: None) -> Cost:
    """Sizes, memory and operations at each of `LENGTHS` that both models read."""
    raise NotImplementedError


def operations(model: Model, tokens: int, batch: int = 1) -> Operations:
    """Counted by torch on shapes without numbers, so at no cost; and by formula."""
    raise NotImplementedError


def peaks(threads: int) -> Peaks:
    """This machine's, measured in about a second."""
    raise NotImplementedError


def achieved(profile: LatencyProfile, models: Sides[Model], peak: Peaks) -> Sides[Achieved]:
    """GFLOP/s of a profile in float32 against this machine's peaks."""
    raise NotImplementedError


def capacity(samples: Array, within_ms: float = WITHIN_MS) -> Capacity:
    """Requests a second that one model holds, from its forward passes of batch 1 in ms [round].

    One request at a time, in the order of arrival; arrivals are a Poisson process (M/G/1), service times are drawn from
    the samples, and waiting follows Lindley's recursion (1952, https://doi.org/10.1017/S0305004100027638).
    """
    raise NotImplementedError


def energy(model: Model, tokens: int) -> Energy:
    """From the processor's counter (RAPL). Raises `AnalysisError` where it has none that may be read."""
    raise NotImplementedError
