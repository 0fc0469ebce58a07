"""The result of every attribution method: a score per word and special token, before it becomes an `Attribution`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from analysis.arrays import Array
from analysis.attribution.baselines import Baseline
from analysis.attribution.score_function import ScoreFunction
from analysis.progress import Progress


@dataclass(frozen=True, slots=True)
class Convergence:
    """How well attributions sum to the score's change: `delta` is their sum minus that change, in logits.

    `tolerance_kind`: "relative" (delta is at most RELATIVE_TOLERANCE of the change) or "absolute" (the change is below
    MIN_CHANGE logits). `converged` says whether delta was within it after `n_steps` gradients.
    """

    n_steps: int
    delta: float
    tolerance_kind: str
    converged: bool


@dataclass(frozen=True, slots=True)
class UnitScores:
    """`values` [unit], the units of `attention.units_of`: each word, and [CLS] and each [SEP] on its own.

    `end_scores`: the target's score at the baseline and at the text, in logits. `convergence`: present if the method
    claims that its values sum to their difference. `layers` [layer + 1, unit]: the values after each layer, 0 being the
    embedding output.
    """

    values: Array
    end_scores: tuple[float, float]
    convergence: Convergence | None = None
    layers: Array | None = None


AttributionFn: TypeAlias = Callable[[ScoreFunction, Baseline, Progress], UnitScores]


def part_of(progress: Progress, begin: float, end: float) -> Progress:
    """Reports the progress of one part of the work as that of the whole, from `begin` to `end`."""
    return lambda share: progress(begin + share * (end - begin))
