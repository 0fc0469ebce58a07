"""The evidence that a pair's claims are judged by: cached sizes and records, and its speed, which is measured."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.claims.evidence import Evidence, Speed, recorded
from analysis.claims.evidence_from.speed import SECONDS, measured_speed
from analysis.latency.config import Machine
from analysis.models.pairs import Checkpoint, Pair, Sides
from analysis.progress import Progress
from analysis.settings import settings
from cache.keys import Request
from cache.loaded_models import model
from cache.models import architecture
from cache.remember import request_for, shipped
from cache.turns import turn


@dataclass(frozen=True, slots=True)
class ShippedSpeed:
    """Speed that was measured elsewhere: on which machine, and when (`started`: UTC, ISO 8601)."""

    speed: Speed
    machine: Machine
    started: str


def evidence(pair: Pair, task: str, speed: Speed | None) -> Evidence:
    """All evidence about a pair on a task; `speed` is the last measurement, if there is one."""
    sides = pair.sides(task)
    return Evidence(
        task=task,
        sizes=sides.map(lambda checkpoint: architecture(checkpoint, task)),
        tasks=tuple(pair.checkpoints),
        trained=pair.trained,
        experiment=recorded(sides, task),
        speed=speed,
    )


def speed(sides: Sides[Checkpoint], task: str, progress: Progress) -> Speed:
    """Both models' speed, measured now and not cached; `progress` receives the share that is done."""
    models = sides.map(lambda checkpoint: model(checkpoint, task))
    with turn("speed"):
        return measured_speed(models, progress, settings().measure_s or SECONDS)


def speed_request(sides: Sides[Checkpoint], task: str) -> Request:
    """What a measurement of speed is of."""
    return request_for("speed", [(checkpoint, task) for checkpoint in sides])


def shipped_speed(sides: Sides[Checkpoint], task: str) -> ShippedSpeed | None:
    """The speed that ships with the embedded pair, or None."""
    speed: ShippedSpeed | None = shipped(speed_request(sides, task), ShippedSpeed)
    return speed
