"""What a pair's claims are judged by: what is remembered of it, and its speed, which is measured."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.claims import speed
from analysis.claims.evidence import Evidence, recorded
from analysis.latency.measure import Told
from analysis.latency.values import LatencyProfile
from analysis.pairs import Checkpoint, Pair, Sides
from cache import latency, results


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


def profiles(sides: Sides[Checkpoint], task: str, progress: Told) -> dict[str, LatencyProfile | str]:
    """Both models' speed in each precision, measured now; where one does not run here, the reason."""
    sweep = latency.latency_sweep(sides, task, "precision", speed.LIKE_THE_PAPER, speed.ROUNDS, progress)
    return speed.by_precision(sweep)
