"""What `distillens profile` measures and prints."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import typer

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.latency import measure, stages, sweep
from analysis.latency.config import Setting
from analysis.latency.measure import Told
from analysis.latency.profile import LatencyProfile, Progress, StageProfile, Sweep
from analysis.latency.summary import verdict
from analysis.models.model import Model
from analysis.models.pairs import Sides
from dashboard.export.latency import Measured

TOKENS = 64  # where neither a text nor a length is given


def measure_of(
    models: Sides[Model], example: Example | None, setting: Setting, axis: str | None, inside: bool, **limits: Any
) -> Callable[[Told], Measured]:
    """What measures as asked: along an axis, `inside` of the models, or one setting. `limits`: rounds, seconds."""
    given = {name: value for name, value in limits.items() if value is not None}
    if example is not None and (axis or setting.tokens):
        raise AnalysisError("A text has a length of its own: give a text, or a number of tokens or an axis.")
    if inside:
        if example is None or replace(setting, threads=1) != Setting():
            raise AnalysisError("Where the time goes is told for one text, in float32 with sdpa on the processor.")
        return lambda told: stages.stages(models, example, setting.threads, progress=told, **given)
    if example is None:
        setting = replace(setting, tokens=setting.tokens or TOKENS)
    if axis:
        return lambda told: sweep.sweep(models, axis, setting, progress=told, **given)
    return lambda told: measure.profile(models, setting, example, progress=told, **given)


def kept(measure: Callable[[Told], Measured]) -> tuple[Measured, bool]:
    """What was measured, and whether Ctrl-C stopped it: then it is what there was by then."""
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told[:] = [progress]
        if sys.stderr.isatty():
            typer.echo(f"\r{progress.share:4.0%}, {progress.seconds_left:.0f} s left ", nl=False, err=True)

    try:
        return measure(tell), False
    except KeyboardInterrupt:
        if not told:
            raise
        return told[0].so_far, True
    finally:
        if sys.stderr.isatty():
            typer.echo("\r", nl=False, err=True)


def in_words(measured: Measured) -> str:
    """Times, the ratio with its interval and its null, and what can be concluded."""
    return "\n".join(WORDS[type(measured)](measured))


def _profile(profile: LatencyProfile) -> Iterator[str]:
    columns = [("p50", profile.p50), ("p90", profile.p90), *([("p99", profile.p99)] if profile.p99 else [])]
    for side, name in profile.checkpoints.items():
        times = ", ".join(f"{title} {getattr(sides, side).value:.2f} ms" for title, sides in columns)
        yield f"  {side:8} {times}   {name}, {getattr(profile.tokens, side)} tokens"
    yield f"  {verdict(profile)}"


def _sweep(sweep: Sweep) -> Iterator[str]:
    for point, profile in zip(sweep.at, sweep.profiles, strict=True):
        yield f"{sweep.axis} {point}"
        yield from _profile(profile)
    for one in sweep.unavailable:
        yield f"{sweep.axis} {getattr(one.setting, sweep.axis)}: {one.reason}"


def _stages(profile: StageProfile) -> Iterator[str]:
    for side, names in profile.stages.items():
        yield f"{side} {getattr(profile.checkpoints, side)}"
        for stage, took in zip(names, getattr(profile.typical, side), strict=True):
            yield f"  {took:9.3f} ms  {stage.name}"
    yield profile.finding


WORDS: dict[type, Callable[[Any], Iterator[str]]] = {LatencyProfile: _profile, Sweep: _sweep, StageProfile: _stages}
