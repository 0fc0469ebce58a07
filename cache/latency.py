"""Measuring when it is one's turn: nobody else's computation disturbs what is measured.

Times are not remembered: they belong to the machine's moment as much as to the models, so who asked keeps them, and who
asks again measures again. What follows from sizes alone (`cache.remember.cost`) is remembered as everything else is.
"""

from __future__ import annotations

from analysis.inputs.examples import Example, is_hosted
from analysis.latency import measure, roofline, stages
from analysis.latency import sweep as sweeps
from analysis.latency.config import Setting
from analysis.latency.energy import Energy
from analysis.latency.energy import energy as energy_of
from analysis.latency.limits import HOSTED_SECONDS
from analysis.latency.measure import Told, silent
from analysis.latency.profile import LatencyProfile, StageProfile, Sweep
from analysis.latency.roofline import Peaks
from analysis.models.pairs import Checkpoint, Sides
from cache.loaded_models import model
from cache.remember import compute_queue


def latency_profile(
    sides: Sides[Checkpoint],
    task: str,
    setting: Setting,
    example: Example | None = None,
    rounds: int = measure.ROUNDS,
    progress: Told = silent,
) -> LatencyProfile:
    """Both models' forward passes, on a checked example or on random tokens; see `analysis.latency.measure.profile`."""
    models = sides.map(lambda checkpoint: model(checkpoint, task))
    with compute_queue().acquire():
        return measure.profile(models, setting, example, rounds, seconds(), progress)


def latency_sweep(
    sides: Sides[Checkpoint],
    task: str,
    axis: str,
    base: Setting,
    rounds: int = sweeps.ROUNDS,
    progress: Told = silent,
) -> Sweep:
    """Profiles along one axis; see `analysis.latency.sweep.sweep`."""
    models = sides.map(lambda checkpoint: model(checkpoint, task))
    with compute_queue().acquire():
        return sweeps.sweep(models, axis, base, rounds, seconds(), progress)


def stage_profile(
    sides: Sides[Checkpoint],
    example: Example,
    threads: int = 1,
    rounds: int = stages.ROUNDS,
    progress: Told = silent,
) -> StageProfile:
    """Where the time of answering a checked example goes; see `analysis.latency.stages.stages`."""
    models = sides.map(lambda checkpoint: model(checkpoint, example.task))
    with compute_queue().acquire():
        return stages.stages(models, example, threads, rounds, seconds(), progress)


def machine_peaks(threads: int) -> Peaks:
    """What this machine can do at most, measured now."""
    with compute_queue().acquire():
        return roofline.peaks(threads)


def energy(checkpoint: Checkpoint, task: str, setting: Setting) -> Energy:
    """What the processor's counter says of one model's forward passes. Raises `AnalysisError` where it has none."""
    loaded = model(checkpoint, task)
    with compute_queue().acquire():
        return energy_of(loaded, setting)


def seconds() -> float | None:
    """How long one measurement may take: as long as it likes on one's own machine."""
    return HOSTED_SECONDS if is_hosted() else None
