"""Latency profiles that never were: a student that is so many times as fast as its teacher."""

import numpy as np

from analysis.arrays import frozen
from analysis.latency.config import BenchmarkConfig, Machine
from analysis.latency.profile import LatencyProfile
from analysis.models.pairs import Sides

ROUNDS = 100
MACHINE = Machine("an abacus", 2, 8_000_000_000, "wood", "none", None, ())


def profile(low: float, high: float, precision: str = "float32") -> LatencyProfile:
    """In every round the teacher takes 10 ms, and the student less by a ratio from `low` to `high`, spread evenly.

    Half of the rounds have one end and half the other, so that the interval of the median reaches to both.
    """
    teacher = np.full(ROUNDS, 10.0)
    student = teacher / np.where(np.arange(ROUNDS) % 2, low, high)
    return LatencyProfile(
        config=BenchmarkConfig(tokens=32, precision=precision),
        task="sentiment",
        texts=(),
        checkpoints=Sides("teacher", "student"),
        tokens=Sides(32, 32),
        samples=Sides(frozen(teacher), frozen(student)),
        teacher_repeat=frozen(teacher),
        rounds_requested=ROUNDS,
        started="2026-01-01T00:00:00+00:00",
        machine=MACHINE,
    )
