"""Where the time goes: from a text to the answer, stage by stage."""

from __future__ import annotations

from analysis.examples import Example
from analysis.latency.measure import Told, silent
from analysis.latency.values import StageProfile
from analysis.models import Model
from analysis.pairs import Sides

ROUNDS = 100


def stages(
    models: Sides[Model],
    example: Example,
    threads: int = 1,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    progress: Told = silent,
) -> StageProfile:
    """What each stage of `predict(model, example)` takes, on the CPU in float32; the rest as in `profile`."""
    raise NotImplementedError
