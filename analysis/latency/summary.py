"""What a profile says, in a sentence or two: the share of the teacher's time that the student takes, and the null."""

from __future__ import annotations

from analysis.latency.profile import LatencyProfile, Sweep
from analysis.statistics import Estimate
from analysis.wording import interval

NAMES = {  # how a place on an axis reads in a sentence
    "tokens": "{} tokens",
    "batch": "batch {}",
    "threads": "{} threads",
}


def inverse(estimate: Estimate) -> Estimate:
    """One over it: a ratio read the other way round."""
    return Estimate(1 / estimate.value, 1 / estimate.high, 1 / estimate.low)


def time_share(profile: LatencyProfile) -> Estimate:
    """The student's time over the teacher's, for readers who think in time rather than in speed."""
    return inverse(profile.ratio)


def verdict(profile: LatencyProfile) -> str:
    """What came out, beside what the teacher against itself comes out as; or why nothing can be concluded."""
    if profile.trouble:
        return profile.trouble
    share = time_share(profile)
    said = "; no difference can be seen" if share.low <= 1 <= share.high else ""
    speed = f"{interval(profile.ratio)} times as fast"
    return (
        f"The student takes {interval(share)} of the teacher's time ({speed}){said}. The teacher against itself: "
        f"{interval(inverse(profile.null))}."
    )


def sweep_verdict(sweep: Sweep) -> str:
    """The smallest and the largest share over the places where something can be concluded, and where it cannot."""
    sure = [profile for profile in sweep.profiles if profile.trouble is None]
    unsure = [place(sweep.axis, at) for at, one in zip(sweep.at, sweep.profiles, strict=True) if one.trouble]
    if not sure:
        return (
            "Nothing can be concluded anywhere on this axis: the spread is too large, or the rounds are too few. Close "
            "other programs, or measure more rounds."
        )
    shares = sorted((time_share(profile) for profile in sure), key=lambda share: share.value)
    ends = dict.fromkeys(interval(share) for share in (shares[0], shares[-1]))
    said = f"The student takes {' to '.join(ends)} of the teacher's time."
    if not unsure:
        return said
    return (
        f"{said} At {', '.join(unsure)} the spread is too large, or the rounds are too few, to conclude: close other "
        "programs, or measure more rounds."
    )


def place(axis: str, at: int | str) -> str:
    """A place on an axis in words: "64 tokens", "batch 8", "1 thread", "bfloat16"."""
    words = NAMES.get(axis, "{}").format(at)
    return words.removesuffix("s") if axis == "threads" and at == 1 else words
