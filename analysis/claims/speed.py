"""How fast the student is against its teacher, from a profile of both on this machine."""

from __future__ import annotations

from collections.abc import Callable

from analysis.claims.evidence import Evidence
from analysis.claims.values import Found, Measured, Missing
from analysis.estimates import Estimate
from analysis.latency.values import LatencyProfile, Setting, Sweep

FLOAT, INTEGER = "float32", "int8"
LIKE_THE_PAPER = Setting(tokens=32)  # one text at a time, about as long as the pairs of sentences of STS-B
ROUNDS = 50
NOT_YET = "Not measured yet: press “Measure the speed” above."


def _from_profile(precision: str, per_cent: Callable[[float], float]) -> Callable[[Evidence], Found]:
    """A measurement made of how many times as fast the student is, in that precision."""

    def measure(evidence: Evidence) -> Found:
        profile = evidence.profiles.get(precision, NOT_YET)
        if isinstance(profile, str):
            return Missing(profile)
        if profile.trouble:
            return Missing(profile.trouble)
        times = profile.ratio
        found = Estimate(*map(per_cent, (times.value, times.low, times.high)))
        detail = f"{times.value:.2f} times as fast"
        return (Measured(found, conditions(profile), detail),)

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


def by_precision(sweep: Sweep) -> dict[str, LatencyProfile | str]:
    """The profiles of a sweep over precisions, and for those that do not run here the reason."""
    measured = {profile.setting.precision: profile for profile in sweep.profiles}
    return {**measured, **{one.setting.precision: one.reason for one in sweep.unavailable}}


def conditions(profile: LatencyProfile) -> str:
    """Under what a profile was measured, and what no difference looks like under it."""
    setting, null = profile.setting, profile.null
    threads = "1 thread" if setting.threads == 1 else f"{setting.threads} threads"
    return (
        f"{_tokens(profile)}, {setting.batch} at a time, {threads}, {setting.attention}, {setting.precision}, "
        f"{profile.rounds} rounds in turns on {profile.machine.processor}; the teacher against itself: "
        f"{null.value:.2f} times as fast [{null.low:.2f}, {null.high:.2f}]"
    )


def _tokens(profile: LatencyProfile) -> str:
    teacher, student = profile.tokens
    return f"texts of {teacher} tokens" if teacher == student else f"a text of {teacher} and {student} tokens"
