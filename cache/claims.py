"""What a pair's claims are judged by: what is remembered of it, and its speed, which is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from analysis.claims import speed
from analysis.claims.evidence import Evidence, recorded
from analysis.latency.values import LatencyProfile
from analysis.pairs import Checkpoint, Pair, Sides
from cache import results
from cache.models import model
from cache.results import turns


def evidence(pair: Pair, task: str, profiles: Mapping[str, LatencyProfile | str]) -> Evidence:
    """All that is known of a pair on a task; `profiles` are those that were measured, by precision."""
    sides = pair.sides(task)
    return Evidence(
        task=task,
        sizes=sides.map(lambda checkpoint: results.architecture(checkpoint, task)),
        tasks=tuple(pair.checkpoints),
        trained=pair.trained,
        experiment=recorded(sides, task),
        profiles=profiles,
    )


def profiles(sides: Sides[Checkpoint], task: str, progress: Callable[[float], None]) -> dict[str, LatencyProfile | str]:
    """Both models' speed by precision, measured now and not remembered; `progress` hears the share that is done."""
    models = sides.map(lambda checkpoint: model(checkpoint, task))
    with turns().take():
        return speed.profiles(models, progress)
