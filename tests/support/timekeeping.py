"""A clock that only moves when it is told to: measured times are then known to the nanosecond."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.arrays import Array
from analysis.latency.config import BenchmarkConfig, Machine
from analysis.latency.measure import interleaved, timed, with_round
from analysis.latency.profile import LatencyProfile, Progress
from analysis.models.pairs import Sides

MACHINE = Machine("Processor", 2, 8_000_000_000, "Linux", "AVX2", None, (("torch", "2.13.0"),))
MS = 1_000_000  # nanoseconds


class HandMoved:
    """`clock()` gives nanoseconds; `pass_(ms)` lets time go by."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def pass_(self, ms: float) -> None:
        self.now += round(ms * MS)


class Stopped(Exception):
    """Raised by who watches, to stop."""


def stop_after(rounds: int, told: list[Progress]) -> Callable[[Progress], None]:
    """Something to be told of progress, which goes into `told`; stops when it has been told so often."""

    def progress(now: Progress) -> None:
        told.append(now)
        if len(told) == rounds:
            raise Stopped

    return progress


def profile_of(
    teacher: Sequence[float] | Array,
    student: Sequence[float] | Array,
    teacher_repeat: Sequence[float] | Array,
    **changes: Any,
) -> LatencyProfile:
    """A profile with these samples in ms."""
    blank = LatencyProfile(
        config=BenchmarkConfig(tokens=64),
        task="sentiment",
        texts=(),
        checkpoints=Sides("a/teacher", "a/student"),
        tokens=Sides(64, 64),
        samples=Sides(np.array(teacher), np.array(student)),
        teacher_repeat=np.array(teacher_repeat),
        rounds_requested=len(teacher_repeat),
        started="2026-01-01T00:00:00+00:00",
        machine=MACHINE,
    )
    return replace(blank, **changes)


def measured_on(
    clock: HandMoved, teacher: Callable[[], object], student: Callable[[], object], rounds: int
) -> LatencyProfile:
    """A profile of two callables, with the very loop that measures models."""
    works = [timed(work, clock) for work in (teacher, student, teacher)]
    profile = profile_of([], [], [], rounds_requested=rounds)
    for _, row in zip(range(rounds), interleaved(works), strict=False):
        profile = with_round(profile, row)
    return profile
