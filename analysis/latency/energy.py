"""What answering takes in energy, where the processor counts it and lets it be read (RAPL, in Linux's powercap).

The counter is of the processor as a whole, other programs and idling included.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from analysis.errors import AnalysisError
from analysis.latency.config import Setting
from analysis.latency.machine import threads
from analysis.latency.measure import random_batch, request_of
from analysis.latency.model_variants import variant
from analysis.models.model import Model

COUNTERS = Path("/sys/class/powercap")
PACKAGES = "intel-rapl:[0-9]"  # one a processor, also AMD's; their parts are named after them with one more number
SECONDS = 2.0  # the counter moves about a thousand times a second


@dataclass(frozen=True, slots=True)
class Energy:
    """Of the processor as a whole while one model answered again and again, other programs' share included."""

    watts: float
    joules_a_pass: float
    tokens_a_joule: float  # which is tokens a second for each watt


def energy(model: Model, setting: Setting, counters: Path = COUNTERS) -> Energy:
    """Of one model answering again and again for `SECONDS`. Raises `AnalysisError` where nothing can be read."""
    packages = _packages(counters)
    own = variant(model, setting)
    request = request_of(own, [random_batch(own, setting)])
    with threads(setting.threads):
        request()
        before, start, passes = [_counted(package) for package in packages], perf_counter(), 0
        while perf_counter() - start < SECONDS:
            request()
            passes += 1
        seconds = perf_counter() - start
    joules = sum(_since(package, was) for package, was in zip(packages, before, strict=True))
    if not joules:
        raise AnalysisError("This processor's energy counter stands still, so energy is not measured here.")
    return Energy(joules / seconds, joules / passes, passes * setting.batch * (setting.tokens or 0) / joules)


def _packages(counters: Path) -> list[Path]:
    """The folders of the processors' counters, or why there is none."""
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
    """Microjoules since some time."""
    return int((package / "energy_uj").read_text())


def _since(package: Path, before: int) -> float:
    """Joules since the counter was at `before`; it begins anew where it reaches its end."""
    whole = int((package / "max_energy_range_uj").read_text()) + 1
    return (_counted(package) - before) % whole / 1e6
