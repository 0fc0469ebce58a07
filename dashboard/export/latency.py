"""Measured latency as JSON values and as CSV: every sample with its conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, TypeAlias

import numpy as np

from analysis.arrays import Array
from analysis.latency.profile import LatencyProfile, StageProfile, Sweep
from analysis.latency.summary import profile_summary
from dashboard.ui.csv_table import as_csv

REPEAT = " again"  # suffix of the side whose second pass makes the null

LatencyResult: TypeAlias = LatencyProfile | Sweep | StageProfile
Row: TypeAlias = dict[str, Any]


def latency_json(measured: LatencyResult) -> dict[str, Any]:
    """Conditions, samples in ms, and what follows from them, as numbers, strings, lists and dictionaries."""
    return JSON[type(measured)](measured)


def latency_csv(measured: LatencyResult) -> str:
    """One row per sample, in ms, with its conditions; a sample is a forward pass or a stage of an answer."""
    rows = list(ROWS[type(measured)](measured))
    return as_csv({name: [row[name] for row in rows] for name in (rows[0] if rows else ())})


def _profile(profile: LatencyProfile) -> dict[str, Any]:
    return {
        **_conditions(profile),
        "setting": asdict(profile.config),
        "tokens": asdict(profile.tokens),
        "samples_ms": {side: samples.tolist() for side, samples in _passes(profile).items()},
        "p50_ms": asdict(profile.p50),
        "p90_ms": asdict(profile.p90),
        "p99_ms": asdict(profile.p99) if profile.p99 else None,
        "ratio": asdict(profile.ratio),
        "null_ratio": asdict(profile.null),
        "conclusive": profile.inconclusive_reason is None,
        "finding": profile_summary(profile),
    }


def _sweep(sweep: Sweep) -> dict[str, Any]:
    return {
        "axis": sweep.axis,
        "profiles": [_profile(profile) for profile in sweep.profiles],
        "unavailable": [{"setting": asdict(point.config), "reason": point.reason} for point in sweep.unavailable],
    }


def _stages(profile: StageProfile) -> dict[str, Any]:
    return {
        **_conditions(profile),
        "threads": profile.threads,
        "stages": {side: [stage.name for stage in stages] for side, stages in profile.stages.items()},
        "samples_ms": {side: samples.tolist() for side, samples in profile.samples.items()},  # [round, stage]
        "whole_ms": {side: whole.tolist() for side, whole in profile.whole.items()},
        "typical_ms": {side: typical.tolist() for side, typical in profile.typical.items()},
        "gap": asdict(profile.gap),
        "finding": profile.finding,
    }


def _profile_rows(profile: LatencyProfile) -> Iterator[Row]:
    for side, samples in _passes(profile).items():
        model = side.removesuffix(REPEAT)
        conditions = {
            "checkpoint": getattr(profile.checkpoints, model),
            "task": profile.task,
            **asdict(profile.config),
            "tokens": getattr(profile.tokens, model),
            **_when_and_where(profile),
        }
        for number, sample in enumerate(samples.tolist(), start=1):
            yield {"side": side, "round": number, "ms": sample, **conditions}


def _sweep_rows(sweep: Sweep) -> Iterator[Row]:
    for profile in sweep.profiles:
        yield from _profile_rows(profile)


def _stage_rows(profile: StageProfile) -> Iterator[Row]:
    conditions = {"task": profile.task, "threads": profile.threads, **_when_and_where(profile)}
    for side, stages in profile.stages.items():
        names = (*(stage.name for stage in stages), "whole")
        times = np.column_stack([profile.samples[side], profile.whole[side]])  # [round, stage + 1]
        for number, row in enumerate(times.tolist(), start=1):
            for name, sample in zip(names, row, strict=True):
                checkpoint = profile.checkpoints[side]
                yield {
                    "side": side,
                    "round": number,
                    "stage": name,
                    "ms": sample,
                    "checkpoint": checkpoint,
                    **conditions,
                }


def _conditions(profile: LatencyProfile | StageProfile) -> dict[str, Any]:
    return {
        "task": profile.task,
        "texts": list(profile.texts),
        "checkpoints": asdict(profile.checkpoints),
        "rounds": profile.rounds,
        "rounds_asked": profile.rounds_requested,
        "started": profile.started,
        "machine": {**asdict(profile.machine), "versions": dict(profile.machine.versions)},
    }


def _passes(profile: LatencyProfile) -> dict[str, Array]:
    return {**dict(profile.samples.items()), f"teacher{REPEAT}": profile.teacher_repeat}


def _when_and_where(profile: LatencyProfile | StageProfile) -> Row:
    machine = asdict(profile.machine)
    versions = machine.pop("versions")
    return {"started": profile.started, **machine, **dict(versions)}


JSON: dict[type, Callable[[Any], dict[str, Any]]] = {LatencyProfile: _profile, Sweep: _sweep, StageProfile: _stages}
ROWS: dict[type, Callable[[Any], Iterator[Row]]] = {
    LatencyProfile: _profile_rows,
    Sweep: _sweep_rows,
    StageProfile: _stage_rows,
}
