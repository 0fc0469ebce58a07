"""The energy that answering takes, if the processor counts it and lets it be read (RAPL, in Linux's powercap).

The counter covers the whole processor, other programs and idling included.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from analysis.errors import AnalysisError
from analysis.latency.config import BenchmarkConfig
from analysis.latency.machine import threads
from analysis.latency.measure import random_batch, request_of
from analysis.latency.model_variants import variant
from analysis.models.model import Model

COUNTERS = Path("/sys/class/powercap")
PACKAGES = "intel-rapl:[0-9]"  # one per processor, also AMD's; the names of their parts have one more number
SECONDS = 2.0  # the counter moves about a thousand times a second


@dataclass(frozen=True, slots=True)
class Energy:
    """Power and energy of the whole processor while one model answered repeatedly, other programs included."""

    watts: float
    joules_per_pass: float
    tokens_per_joule: float  # the same as tokens per second per watt


def energy(model: Model, config: BenchmarkConfig, counters: Path = COUNTERS) -> Energy:
    """The energy of one model that answers repeatedly for `SECONDS`. Raises `AnalysisError` if nothing can be read."""
    packages = _packages(counters)
    own = variant(model, config)
    request = request_of(own, [random_batch(own, config)])
    with threads(config.threads):
        request()
        before, start, passes = [_counted(package) for package in packages], perf_counter(), 0
        while perf_counter() - start < SECONDS:
            request()
            passes += 1
        seconds = perf_counter() - start
    joules = sum(_since(package, start_count) for package, start_count in zip(packages, before, strict=True))
    if not joules:
        raise AnalysisError("This processor's energy counter stands still, so energy is not measured here.")
    return Energy(joules / seconds, joules / passes, passes * config.batch * (config.tokens or 0) / joules)


def _packages(counters: Path) -> list[Path]:
    """The folders of the processors' counters. Raises `AnalysisError` if there are none, or they cannot be read."""
    packages = sorted(counters.glob(PACKAGES))
    if not packages:
        raise AnalysisError("This machine shows no energy counter of its processor, so energy is not measured here.")
    try:
        for package in packages:
            _counted(package)
    except PermissionError as error:
        raise AnalysisError(
            "This machine lets only its administrator read the processor's energy counter, so energy is not measured."
        ) from error
    return packages


def _counted(package: Path) -> int:
    """Microjoules since an unknown start."""
    return int((package / "energy_uj").read_text())


def _since(package: Path, before: int) -> float:
    """Joules since the counter was at `before`; the counter wraps around."""
    whole = int((package / "max_energy_range_uj").read_text()) + 1
    return (_counted(package) - before) % whole / 1e6
