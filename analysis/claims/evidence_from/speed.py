"""How fast the student is compared with its teacher, from a profile of both on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from analysis.claims.claim import Measurement, Missing
from analysis.claims.criteria import PENDING, UNMEASURABLE, exactly
from analysis.claims.evidence import Evidence, Speed, Timing
from analysis.errors import AnalysisError
from analysis.latency.config import BenchmarkConfig
from analysis.latency.measure import ProgressCallback, profile
from analysis.latency.memory import peak_bytes
from analysis.latency.operations import operations
from analysis.latency.profile import LatencyProfile
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.progress import Progress
from analysis.statistics import Estimate

Measure = Callable[[Evidence], tuple[Measurement, ...] | Missing]

TOKENS = 32  # about as many as the pairs of sentences of STS-B have
LIKE_THE_PAPER = BenchmarkConfig(tokens=TOKENS)  # one text at a time
LENGTH = f"one text of {TOKENS} tokens"
ROUNDS, SECONDS = 400, 40.0  # rounds per profile, seconds for both profiles; whichever comes first
TOO_SHORT = f"These models do not read as many as {TOKENS} tokens."
NOT_YET = "Not measured yet: press “Measure the speed”."


def _known(evidence: Evidence) -> Speed:
    return evidence.speed or Speed(NOT_YET, NOT_YET)


def _verdict_without(evidence: Evidence) -> str:
    return PENDING if evidence.speed is None else UNMEASURABLE


def _from_timing(chosen: Callable[[Speed], Timing | str], per_cent: Callable[[float], float]) -> Measure:
    """A measurement derived from how many times as fast the student is, in one number format."""

    def measure(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
        known = chosen(_known(evidence))
        if isinstance(known, str):
            return Missing(known, _verdict_without(evidence))
        times = known.times
        estimate = Estimate(*map(per_cent, (times.value, times.low, times.high)))
        return (Measurement(estimate, known.conditions, f"{times.value:.2f} times as fast"),)

    return measure


def _more_texts(times: float) -> float:
    """How many per cent more texts are answered in the same time.

    >>> _more_texts(1.5), _less_time(2.0)
    (50.0, 50.0)
    """
    return 100 * (times - 1)


def _less_time(times: float) -> float:
    """How many per cent less time one text takes."""
    return 100 * (1 - 1 / times)


more_texts = _from_timing(lambda speed: speed.floats, _more_texts)
less_time = _from_timing(lambda speed: speed.floats, _less_time)
more_texts_in_integers = _from_timing(lambda speed: speed.integers, _more_texts)


def fewer_operations(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    """How many per cent fewer operations the student needs than the teacher."""
    counts = _known(evidence).operations
    if counts is None:
        return Missing(NOT_YET if evidence.speed is None else TOO_SHORT, _verdict_without(evidence))
    detail = f"{counts.student / 1e9:.3g} of {counts.teacher / 1e9:.3g} billion"
    return (Measurement(exactly(100 * (1 - counts.student / counts.teacher)), LENGTH, detail),)


def memory_beside_weights(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    """Megabytes that the student's forward pass takes in addition to the weights."""
    peaks = _known(evidence).peak_bytes
    if peaks is None:
        return Missing(NOT_YET if evidence.speed is None else TOO_SHORT, _verdict_without(evidence))
    detail = f"the teacher takes {peaks.teacher / 1e6:.1f} MB"
    return (Measurement(exactly(peaks.student / 1e6), LENGTH, detail),)


def measured_speed(models: Sides[Model], progress: Progress, seconds: float = SECONDS) -> Speed:
    """Both models' speed in both number formats, measured now; `progress` receives the share that is done."""
    floats = _measured(models, "float32", seconds / 2, lambda step: progress(step.share / 2))
    integers = _measured(models, "int8", seconds / 2, lambda step: progress((1 + step.share) / 2))
    if min(model.max_tokens for model in models) < TOKENS:
        return Speed(floats, integers)
    return Speed(floats, integers, models.map(_operations), models.map(lambda model: peak_bytes(model, LIKE_THE_PAPER)))


def _measured(models: Sides[Model], precision: str, seconds: float, progress: ProgressCallback) -> Timing | str:
    try:
        return timing(profile(models, replace(LIKE_THE_PAPER, precision=precision), None, ROUNDS, seconds, progress))
    except AnalysisError as error:  # the other number format may still run, and other claims need neither
        return str(error)


def _operations(model: Model) -> int:
    return operations(model, TOKENS).total


def timing(measured: LatencyProfile) -> Timing | str:
    """The student's speed according to a profile, or why the profile is inconclusive."""
    return measured.inconclusive_reason or Timing(measured.ratio, _conditions(measured))


def _conditions(measured: LatencyProfile) -> str:
    """The conditions of a profile, and how far the teacher differs from itself under them."""
    config, null = measured.config, measured.null
    threads = "1 thread" if config.threads == 1 else f"{config.threads} threads"
    return (
        f"texts of {measured.tokens.student} tokens, {config.batch} at a time, {threads}, {config.attention}, "
        f"{config.precision}, {measured.rounds} interleaved rounds on {measured.machine.processor}; the teacher "
        f"against itself: {null.value:.2f} times as fast [{null.low:.2f}, {null.high:.2f}]"
    )
