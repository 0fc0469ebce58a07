"""How fast the student is against its teacher, from a profile of both on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from analysis.claims.evidence import Evidence
from analysis.claims.values import Found, Measured, Missing
from analysis.errors import AnalysisError
from analysis.estimates import Estimate
from analysis.latency.measure import Told, profile
from analysis.latency.values import LatencyProfile, Setting
from analysis.models import Model
from analysis.pairs import Sides

FLOAT, INTEGER = "float32", "int8"
LIKE_THE_PAPER = Setting(tokens=32)  # one text at a time, about as long as the pairs of sentences of STS-B
ROUNDS, SECONDS = 400, 10.0  # of each profile: whichever comes first
NOT_YET = "Not measured yet: press “Measure the speed” above."


def _from_profile(precision: str, per_cent: Callable[[float], float]) -> Callable[[Evidence], Found]:
    """A measurement made of how many times as fast the student is, in that precision."""

    def measure(evidence: Evidence) -> Found:
        known = evidence.profiles.get(precision, NOT_YET)
        if isinstance(known, str):
            return Missing(known)
        if known.trouble:
            return Missing(known.trouble)
        times = known.ratio
        found = Estimate(*map(per_cent, (times.value, times.low, times.high)))
        detail = f"{times.value:.2f} times as fast"
        return (Measured(found, conditions(known), detail),)

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


more_texts, less_time = _from_profile(FLOAT, _more_texts), _from_profile(FLOAT, _less_time)
more_texts_in_integers = _from_profile(INTEGER, _more_texts)


def profiles(models: Sides[Model], progress: Callable[[float], None]) -> dict[str, LatencyProfile | str]:
    """Both models' speed in both precisions, or why one does not run here; `progress` hears the share that is done."""
    floats = _profile(models, FLOAT, lambda told: progress(told.share / 2))
    integers = _profile(models, INTEGER, lambda told: progress((1 + told.share) / 2))
    return {FLOAT: floats, INTEGER: integers}


def _profile(models: Sides[Model], precision: str, told: Told) -> LatencyProfile | str:
    try:
        return profile(models, replace(LIKE_THE_PAPER, precision=precision), None, ROUNDS, SECONDS, told)
    except AnalysisError as error:  # the other precision may run all the same, and other claims need neither
        return str(error)


def conditions(measured: LatencyProfile) -> str:
    """Under what a profile was measured, and what no difference looks like under it."""
    setting, null = measured.setting, measured.null
    threads = "1 thread" if setting.threads == 1 else f"{setting.threads} threads"
    return (
        f"{_tokens(measured)}, {setting.batch} at a time, {threads}, {setting.attention}, {setting.precision}, "
        f"{measured.rounds} rounds in turns on {measured.machine.processor}; the teacher against itself: "
        f"{null.value:.2f} times as fast [{null.low:.2f}, {null.high:.2f}]"
    )


def _tokens(measured: LatencyProfile) -> str:
    teacher, student = measured.tokens
    return f"texts of {teacher} tokens" if teacher == student else f"a text of {teacher} and {student} tokens"
