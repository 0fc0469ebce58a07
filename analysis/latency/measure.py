"""Two models' forward passes, measured in turns.

profile(models, Setting(tokens=64), rounds=200).finding
"""

from __future__ import annotations

from collections.abc import Callable

from analysis.examples import Example
from analysis.latency.values import LatencyProfile, Progress, Setting
from analysis.models import Model
from analysis.pairs import Sides

ROUNDS = 200
Told = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """For those who do not watch."""


def profile(
    models: Sides[Model],
    setting: Setting,
    example: Example | None = None,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    progress: Told = silent,
) -> LatencyProfile:
    """Forward passes of both models: on a checked example, or on `setting.tokens` random tokens where there is none.

    Stops after `rounds`, or once `seconds` are over. `progress` is told after each round, outside of all that is
    measured; whatever it raises stops the measuring, and what it was told last is what was measured. Raises
    `AnalysisError` for a setting that cannot be or does not run here.
    """
    raise NotImplementedError
