"""Measurements, each in its turn of the compute queue, so that no other computation disturbs it.

Times are not cached: they depend on the state of the machine as much as on the models, so the caller keeps them, and
every new request is measured anew. What ships with the embedded pair was measured on another machine, which it names.
What follows from sizes alone (`cost`) is remembered as everything else.
"""

from __future__ import annotations

from dataclasses import asdict

from analysis.inputs.examples import Example
from analysis.latency import cost as costs
from analysis.latency import measure, roofline, stages
from analysis.latency import sweep as sweeps
from analysis.latency.config import BenchmarkConfig
from analysis.latency.cost import Cost
from analysis.latency.energy import Energy
from analysis.latency.energy import energy as energy_of
from analysis.latency.measure import ProgressCallback, silent
from analysis.latency.profile import LatencyProfile, StageProfile, Sweep
from analysis.latency.roofline import Peaks
from analysis.models.pairs import Checkpoint, Sides
from analysis.progress import Progress
from analysis.progress import silent as quiet
from analysis.settings import settings
from cache.keys import Request
from cache.loaded_models import model
from cache.remember import remember, request_for, shipped
from cache.turns import turn


def cost(sides: Sides[Checkpoint], task: str, progress: Progress = quiet) -> Cost:
    """What both models cost whatever the machine; `progress` hears the share of lengths that is done."""
    return remember(
        "cost",
        Cost,
        [(checkpoint, task) for checkpoint in sides],
        lambda teacher, student: costs.cost(Sides(teacher, student), progress),
    )


def latency_profile(
    sides: Sides[Checkpoint],
    task: str,
    config: BenchmarkConfig,
    example: Example | None = None,
    rounds: int = measure.ROUNDS,
    progress: ProgressCallback = silent,
) -> LatencyProfile:
    """Both models' forward passes, on a checked example or on random tokens; see `analysis.latency.measure.profile`."""
    models = sides.map(lambda checkpoint: model(checkpoint, task))
    with turn("latency profile"):
        return measure.profile(models, config, example, rounds, settings().measure_s, progress)


def latency_sweep(
    sides: Sides[Checkpoint],
    task: str,
    axis: str,
    base: BenchmarkConfig,
    rounds: int = sweeps.ROUNDS,
    progress: ProgressCallback = silent,
) -> Sweep:
    """Profiles along one axis; see `analysis.latency.sweep.sweep`."""
    models = sides.map(lambda checkpoint: model(checkpoint, task))
    with turn("latency sweep"):
        return sweeps.sweep(models, axis, base, rounds, settings().measure_s, progress)


def stage_profile(
    sides: Sides[Checkpoint],
    example: Example,
    threads: int = 1,
    rounds: int = stages.ROUNDS,
    progress: ProgressCallback = silent,
) -> StageProfile:
    """Where the time of answering a checked example goes; see `analysis.latency.stages.stages`."""
    models = sides.map(lambda checkpoint: model(checkpoint, example.task))
    with turn("stage profile"):
        return stages.stages(models, example, threads, rounds, settings().measure_s, progress)


def profile_request(
    sides: Sides[Checkpoint], task: str, config: BenchmarkConfig, example: Example | None = None
) -> Request:
    """What a profile is of, however many rounds it has."""
    asked = [(checkpoint, task) for checkpoint in sides]
    return request_for("latency profile", asked, example.texts if example else (), asdict(config))


def shipped_profile(
    sides: Sides[Checkpoint], task: str, config: BenchmarkConfig, example: Example | None = None
) -> LatencyProfile | None:
    """The profile that ships with the embedded pair, or None."""
    profile: LatencyProfile | None = shipped(profile_request(sides, task, config, example), LatencyProfile)
    return profile


def stages_request(sides: Sides[Checkpoint], example: Example, threads: int = 1) -> Request:
    """What a profile of stages is of, however many rounds it has."""
    asked = [(checkpoint, example.task) for checkpoint in sides]
    return request_for("stage profile", asked, example.texts, {"threads": threads})


def shipped_stages(sides: Sides[Checkpoint], example: Example, threads: int = 1) -> StageProfile | None:
    """The profile of stages that ships with the embedded pair, or None."""
    profile: StageProfile | None = shipped(stages_request(sides, example, threads), StageProfile)
    return profile


def machine_peaks(threads: int) -> Peaks:
    """This machine's peaks, measured now."""
    with turn("peaks"):
        return roofline.peaks(threads)


def energy(checkpoint: Checkpoint, task: str, config: BenchmarkConfig) -> Energy:
    """Energy of one model's forward passes by the processor's counter. Raises `AnalysisError` if there is none."""
    loaded = model(checkpoint, task)
    with turn("energy"):
        return energy_of(loaded, config)
