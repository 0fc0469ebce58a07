"""The command `distillens profile`: what it measures and how it prints the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import typer

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.latency import measure, stages, sweep
from analysis.latency.config import BenchmarkConfig
from analysis.latency.measure import ProgressCallback
from analysis.latency.profile import LatencyProfile, Progress, StageProfile, Sweep
from analysis.latency.summary import profile_summary
from analysis.models.model import Model
from analysis.models.pairs import Sides
from dashboard.export.latency import LatencyResult

TOKENS = 64  # if neither a text nor a length is given


def measure_of(
    models: Sides[Model],
    example: Example | None,
    config: BenchmarkConfig,
    axis: str | None,
    inside: bool,
    **limits: Any,
) -> Callable[[ProgressCallback], LatencyResult]:
    """The measurement that the options select: along an axis, by stages (`inside`), or one configuration.

    `limits`: rounds, seconds.
    """
    set_limits = {name: value for name, value in limits.items() if value is not None}
    if example is not None and (axis or config.tokens is not None):
        raise AnalysisError("A text has a length of its own: give either a text, or a number of tokens or an axis.")
    if inside:
        if example is None or replace(config, threads=1) != BenchmarkConfig():
            raise AnalysisError("Stages are measured for one text, in float32 with sdpa on the CPU.")
        return lambda report: stages.stages(models, example, config.threads, progress=report, **set_limits)
    if example is None:
        config = replace(config, tokens=TOKENS if config.tokens is None else config.tokens)
    if axis:
        return lambda report: sweep.sweep(models, axis, config, progress=report, **set_limits)
    return lambda report: measure.profile(models, config, example, progress=report, **set_limits)


def kept(measure: Callable[[ProgressCallback], LatencyResult]) -> tuple[LatencyResult, bool]:
    """The result, and whether Ctrl-C stopped it; it is then what had been measured so far."""
    latest: list[Progress] = []

    def report(progress: Progress) -> None:
        latest[:] = [progress]
        if sys.stderr.isatty():
            typer.echo(f"\r{progress.share:4.0%}, {progress.seconds_left:.0f} s left ", nl=False, err=True)

    try:
        return measure(report), False
    except KeyboardInterrupt:
        if not latest:
            raise
        return latest[0].so_far, True
    finally:
        if sys.stderr.isatty():
            typer.echo("\r", nl=False, err=True)


def as_text(measured: LatencyResult) -> str:
    """Times, the ratio with its interval and its null, and the conclusion."""
    return "\n".join(FORMATTERS[type(measured)](measured))


def _profile(profile: LatencyProfile) -> Iterator[str]:
    columns = [("p50", profile.p50), ("p90", profile.p90), *([("p99", profile.p99)] if profile.p99 else [])]
    for side, name in profile.checkpoints.items():
        times = ", ".join(f"{title} {sides[side].value:.2f} ms" for title, sides in columns)
        yield f"  {side:8} {times}   {name}, {profile.tokens[side]} tokens"
    yield f"  {profile_summary(profile)}"


def _sweep(sweep: Sweep) -> Iterator[str]:
    for value, profile in zip(sweep.at, sweep.profiles, strict=True):
        yield f"{sweep.axis} {value}"
        yield from _profile(profile)
    for point in sweep.unavailable:
        yield f"{sweep.axis} {getattr(point.config, sweep.axis)}: {point.reason}"


def _stages(profile: StageProfile) -> Iterator[str]:
    for side, names in profile.stages.items():
        yield f"{side} {profile.checkpoints[side]}"
        for stage, took in zip(names, profile.typical[side], strict=True):
            yield f"  {took:9.3f} ms  {stage.name}"
    yield profile.finding


FORMATTERS: dict[type, Callable[[Any], Iterator[str]]] = {
    LatencyProfile: _profile,
    Sweep: _sweep,
    StageProfile: _stages,
}
