"""How fast the student is against its teacher, from a profile of both on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from analysis.claims.claim import Found, Measured, Missing
from analysis.claims.criteria import exactly
from analysis.claims.evidence import Evidence, Speed, Timing
from analysis.errors import AnalysisError
from analysis.latency.config import Setting
from analysis.latency.measure import Told, profile
from analysis.latency.memory import peak_bytes
from analysis.latency.operations import operations
from analysis.latency.profile import LatencyProfile
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.statistics import Estimate

Measure = Callable[[Evidence], Found]

TOKENS = 32  # about as many as the pairs of sentences of STS-B have
LIKE_THE_PAPER = Setting(tokens=TOKENS)  # one text at a time
LENGTH = f"one text of {TOKENS} tokens"
ROUNDS, SECONDS = 400, 40.0  # of each profile, and for both together: whichever comes first
TOO_SHORT = f"These models do not read as many as {TOKENS} tokens."
NOT_YET = "Not measured yet: press “Measure the speed” above."


def _known(evidence: Evidence) -> Speed:
    return evidence.speed or Speed(NOT_YET, NOT_YET)


def _from_timing(chosen: Callable[[Speed], Timing | str], per_cent: Callable[[float], float]) -> Measure:
    """A measurement made of how many times as fast the student is, in one number format."""

    def measure(evidence: Evidence) -> Found:
        known = chosen(_known(evidence))
        if isinstance(known, str):
            return Missing(known)
        times = known.times
        found = Estimate(*map(per_cent, (times.value, times.low, times.high)))
        return (Measured(found, known.conditions, f"{times.value:.2f} times as fast"),)

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


def fewer_operations(evidence: Evidence) -> Found:
    """By how many per cent the student's operations are fewer than the teacher's."""
    counts = _known(evidence).operations
    if counts is None:
        return Missing(NOT_YET if evidence.speed is None else TOO_SHORT)
    detail = f"{counts.student / 1e9:.3g} of {counts.teacher / 1e9:.3g} billion"
    return (Measured(exactly(100 * (1 - counts.student / counts.teacher)), LENGTH, detail),)


def memory_beside_weights(evidence: Evidence) -> Found:
    """Megabytes that the student's forward pass takes beside the weights."""
    peaks = _known(evidence).peak_bytes
    if peaks is None:
        return Missing(NOT_YET if evidence.speed is None else TOO_SHORT)
    detail = f"the teacher takes {peaks.teacher / 1e6:.1f} MB"
    return (Measured(exactly(peaks.student / 1e6), LENGTH, detail),)


def measured_speed(models: Sides[Model], progress: Callable[[float], None], seconds: float = SECONDS) -> Speed:
    """Both models' speed in both number formats, measured now; `progress` hears the share that is done."""
    floats = _measured(models, "float32", seconds / 2, lambda told: progress(told.share / 2))
    integers = _measured(models, "int8", seconds / 2, lambda told: progress((1 + told.share) / 2))
    if min(model.max_tokens for model in models) < TOKENS:
        return Speed(floats, integers)
    return Speed(floats, integers, models.map(_operations), models.map(lambda model: peak_bytes(model, LIKE_THE_PAPER)))


def _measured(models: Sides[Model], precision: str, seconds: float, told: Told) -> Timing | str:
    try:
        return timing(profile(models, replace(LIKE_THE_PAPER, precision=precision), None, ROUNDS, seconds, told))
    except AnalysisError as error:  # the other may run all the same, and other claims need neither
        return str(error)


def _operations(model: Model) -> int:
    return operations(model, TOKENS).total


def timing(measured: LatencyProfile) -> Timing | str:
    """What a profile says of the student's speed, or why it says nothing."""
    return measured.trouble or Timing(measured.ratio, _conditions(measured))


def _conditions(measured: LatencyProfile) -> str:
    """Under what a profile was measured, and what no difference looks like under it."""
    setting, null = measured.setting, measured.null
    threads = "1 thread" if setting.threads == 1 else f"{setting.threads} threads"
    return (
        f"texts of {measured.tokens.student} tokens, {setting.batch} at a time, {threads}, {setting.attention}, "
        f"{setting.precision}, {measured.rounds} rounds in turns on {measured.machine.processor}; the teacher against "
        f"itself: {null.value:.2f} times as fast [{null.low:.2f}, {null.high:.2f}]"
    )
