"""What every method gives: an account of a target's score by units of the text, before it is told as `Attribution`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from analysis.arrays import Array
from analysis.attribution.baselines import Baseline
from analysis.attribution.integrated_gradients import Convergence, Progress
from analysis.attribution.score_function import Asked


@dataclass(frozen=True, slots=True)
class Account:
    """`values` [unit], the units of `attention.units_of`: words, and [CLS] and [SEP] each on its own.

    `ends`: the score of the baseline and of the text, in logits. `convergence` where the method claims that values add
    up to their difference. `layers` [layer + 1, unit]: the same told after each layer, 0 the embedding output.
    """

    values: Array
    ends: tuple[float, float]
    convergence: Convergence | None = None
    layers: Array | None = None


Give: TypeAlias = Callable[[Asked, Baseline, Progress], Account]
