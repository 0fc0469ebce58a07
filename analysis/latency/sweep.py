"""Profiles along one axis: lengths, batches, threads, ways to compute attention, number formats, devices.

Points are visited again and again until each has its rounds: a sweep that is stopped then has all of them, and a load
that comes and goes does not fall on one alone.
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
from analysis.latency.config import Setting, Unavailable
from analysis.latency.limits import MOST_BATCH, check, check_rounds
from analysis.latency.machine import cores, threads
from analysis.latency.measure import Clock, Told, begun, in_turns, longer, silent, warm_up
from analysis.latency.model_variants import ATTENTIONS, DEVICES, PRECISIONS, variant
from analysis.latency.profile import LatencyProfile, Progress, Sweep
from analysis.models.model import Model
from analysis.models.pairs import Sides

Point = int | str

AXES: dict[str, tuple[Point, ...]] = {  # field of `Setting` -> where it is measured
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
class _Stop:
    """One point of the axis on its way: what it has so far, and where more comes from."""

    profile: LatencyProfile
    rows: Iterator[list[float]]
    warm: bool = False

    @property
    def weight(self) -> int:
        """How long a round takes, against those of the other points: as its tokens are many."""
        return self.profile.tokens.teacher * self.profile.setting.batch


def sweep(
    models: Sides[Model],
    axis: str,
    base: Setting,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    progress: Told = silent,
    clock: Clock = perf_counter_ns,
) -> Sweep:
    """A profile at each point of the axis, all else as in `base` (whose `tokens` must be given).

    `rounds` are for each point, `seconds` for all together; `progress` is told as by `profile`, with the sweep so far.
    What does not run here, or did not come to its turn, is in `unavailable` with the reason.
    """
    if axis not in AXES:
        raise AnalysisError(f"There is no axis called “{axis}”; there are {', '.join(AXES)}.")
    check_rounds(rounds)
    settings = [_at(base, axis, point) for point in AXES[axis]]
    stops, unavailable = _stops(models, settings, rounds, clock)
    if not stops:
        raise AnalysisError(unavailable[0].reason)
    start, done, whole = monotonic(), 0, rounds * sum(stop.weight for stop in stops)
    with closing(_rounds(stops, rounds)) as measured:  # so that threads are as before, whatever `progress` raises
        for stop in measured:
            done += stop.weight
            spent = monotonic() - start
            share = min(max(done / whole, spent / seconds if seconds else 0.0), 1.0)
            progress(Progress(_so_far(axis, stops, unavailable), share, spent / share - spent))
            if share == 1:
                break
    return _so_far(axis, stops, [*unavailable, *_left_out(stops, seconds)])


def _at(base: Setting, axis: str, point: Point) -> Setting:
    changed: dict[str, Any] = {axis: point}
    return replace(base, **changed)


def _stops(
    models: Sides[Model], settings: Sequence[Setting], rounds: int, clock: Clock
) -> tuple[list[_Stop], list[Unavailable]]:
    """What can be measured, and what not. Points that differ in shape or threads alone share their models."""
    variants: dict[tuple[str, str, str], Sides[Model]] = {}
    stops, unavailable = [], []
    for setting in settings:
        key = setting.attention, setting.precision, setting.device
        try:
            check(models, setting)
            if key not in variants:
                variants[key] = models.map(partial(variant, setting=setting))
            blank, works = begun(variants[key], setting, None, rounds, clock)
            stops.append(_Stop(blank, in_turns(works)))
        except AnalysisError as error:
            unavailable.append(Unavailable(setting, str(error)))
    return stops, unavailable


def _rounds(stops: Sequence[_Stop], rounds: int) -> Generator[_Stop]:
    """Measures round after round; each time gives the point that has one more."""
    for visit in range(VISITS):
        share = (visit + 1) * rounds // VISITS - visit * rounds // VISITS
        for stop in stops:
            yield from _visit(stop, share)


def _visit(stop: _Stop, rounds: int) -> Iterator[_Stop]:
    with threads(stop.profile.setting.threads):
        if rounds and not stop.warm:
            warm_up(stop.rows)
            stop.warm = True
        for row in islice(stop.rows, rounds):
            stop.profile = longer(stop.profile, row)
            yield stop


def _so_far(axis: str, stops: Sequence[_Stop], unavailable: Sequence[Unavailable]) -> Sweep:
    return Sweep(axis, tuple(stop.profile for stop in stops if stop.profile.rounds), tuple(unavailable))


def _left_out(stops: Sequence[_Stop], seconds: float | None) -> list[Unavailable]:
    reason = f"Its turn did not come within {seconds or 0:.0f} seconds."
    return [Unavailable(stop.profile.setting, reason) for stop in stops if not stop.profile.rounds]
