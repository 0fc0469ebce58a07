"""Profiles along one axis: length, batch, threads, attention implementation, number format or device.

All points are visited several times until each has its rounds: a sweep that is stopped early then has results for all
of them, and a load that comes and goes does not affect a single point only.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from time import monotonic, perf_counter_ns
from typing import Any

from analysis.errors import AnalysisError
from analysis.latency.config import BenchmarkConfig, Unavailable
from analysis.latency.limits import MOST_BATCH, check, check_rounds
from analysis.latency.machine import cores, threads
from analysis.latency.measure import Clock, ProgressCallback, interleaved, prepared, silent, warm_up, with_round
from analysis.latency.model_variants import ATTENTIONS, DEVICES, PRECISIONS, variant
from analysis.latency.profile import LatencyProfile, Progress, Sweep
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.tables import check_known

AxisValue = int | str

AXES: dict[str, tuple[AxisValue, ...]] = {  # field of `BenchmarkConfig` -> the values that are measured
    "tokens": (8, 16, 32, 64, 128, 256, 512),
    "batch": tuple(2**power for power in range(MOST_BATCH.bit_length())),
    "threads": tuple(sorted({cores(), *(2**power for power in range(cores().bit_length()))})),
    "attention": ATTENTIONS,
    "precision": tuple(PRECISIONS),
    "device": DEVICES,
}
ROUNDS = 30
VISITS = 3


@dataclass(slots=True)
class _Point:
    """One point of the axis while it is being measured: its profile so far, and the source of further rounds."""

    profile: LatencyProfile
    rows: Iterator[list[float]]
    warm: bool = False

    @property
    def weight(self) -> int:
        """The relative duration of a round, taken as proportional to its tokens."""
        return self.profile.tokens.teacher * self.profile.config.batch


def sweep(
    models: Sides[Model],
    axis: str,
    base: BenchmarkConfig,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    progress: ProgressCallback = silent,
    clock: Clock = perf_counter_ns,
) -> Sweep:
    """A profile at each point of the axis, all else as in `base` (whose `tokens` must be given).

    `rounds` are for each point, `seconds` for all together; `progress` is called as by `profile`, with the sweep so
    far. Points that do not run here, or were not reached in time, are in `unavailable` with the reason.
    """
    check_known(AXES, axis, "axis")
    check_rounds(rounds)
    configs = [_at(base, axis, value) for value in AXES[axis]]
    points, unavailable = _points(models, configs, rounds, clock)
    if not points:
        raise AnalysisError(unavailable[0].reason)
    start, done, whole = monotonic(), 0, rounds * sum(point.weight for point in points)
    with closing(_rounds(points, rounds)) as measured:  # restores the number of threads, whatever `progress` raises
        for point in measured:
            done += point.weight
            spent = monotonic() - start
            share = min(max(done / whole, spent / seconds if seconds else 0.0), 1.0)
            progress(Progress(_so_far(axis, points, unavailable), share, spent / share - spent))
            if share == 1:
                break
    return _so_far(axis, points, [*unavailable, *_left_out(points, seconds)])


def _at(base: BenchmarkConfig, axis: str, value: AxisValue) -> BenchmarkConfig:
    changed: dict[str, Any] = {axis: value}
    return replace(base, **changed)


def _points(
    models: Sides[Model], configs: Sequence[BenchmarkConfig], rounds: int, clock: Clock
) -> tuple[list[_Point], list[Unavailable]]:
    """The points that can be measured, and those that cannot. Points of the same variant share their models."""
    variants: dict[tuple[str, str, str], Sides[Model]] = {}
    points, unavailable = [], []
    for config in configs:
        key = config.attention, config.precision, config.device
        try:
            check(models, config)
            if key not in variants:
                variants[key] = models.map(partial(variant, config=config))
            blank, works = prepared(variants[key], config, None, rounds, clock)
            points.append(_Point(blank, interleaved(works)))
        except AnalysisError as error:
            unavailable.append(Unavailable(config, str(error)))
    return points, unavailable


def _rounds(points: Sequence[_Point], rounds: int) -> Generator[_Point]:
    """Measures round after round; yields the point that was measured."""
    for visit in range(VISITS):
        share = (visit + 1) * rounds // VISITS - visit * rounds // VISITS
        for point in points:
            yield from _visit(point, share)


def _visit(point: _Point, rounds: int) -> Iterator[_Point]:
    with threads(point.profile.config.threads):
        if rounds and not point.warm:
            warm_up(point.rows)
            point.warm = True
        for row in islice(point.rows, rounds):
            point.profile = with_round(point.profile, row)
            yield point


def _so_far(axis: str, points: Sequence[_Point], unavailable: Sequence[Unavailable]) -> Sweep:
    return Sweep(axis, tuple(point.profile for point in points if point.profile.rounds), tuple(unavailable))


def _left_out(points: Sequence[_Point], seconds: float | None) -> list[Unavailable]:
    reason = f"It was not reached within {seconds or 0:.0f} seconds."
    return [Unavailable(point.profile.config, reason) for point in points if not point.profile.rounds]
