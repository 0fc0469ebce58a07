"""Profiles along one axis: lengths, batches, threads, ways to compute attention, number formats, devices."""

from __future__ import annotations

from analysis.latency.measure import Told, silent
from analysis.latency.values import Setting, Sweep
from analysis.models import Model
from analysis.pairs import Sides

AXES: dict[str, tuple[int | str, ...]] = {  # field of `Setting` -> where it is measured
    "tokens": (8, 16, 32, 64, 128, 256, 512),
    "batch": (1, 2, 4, 8, 16, 32),
    "threads": (1, 2, 4, 8, 16, 32, 64),
    "attention": ("sdpa", "eager"),
    "precision": ("float32", "bfloat16", "int8"),
    "device": ("cpu", "cuda"),
}
ROUNDS = 30


def sweep(
    models: Sides[Model],
    axis: str,
    base: Setting,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    progress: Told = silent,
) -> Sweep:
    """A profile at each point of the axis, all else as in `base` (whose `tokens` must be given).

    Points are visited again and again until each has its rounds, so that a sweep that is stopped has all of them, and
    that a load which comes and goes does not fall on one alone. What does not run here is in `unavailable`.
    """
    raise NotImplementedError
