"""A profile, a sweep or the stages in a sentence or two: how fast the student is, and where the time goes."""

from __future__ import annotations

from analysis.latency.profile import LatencyProfile, StageProfile, Sweep
from analysis.statistics import Estimate
from analysis.wording import interval

NAMES = {  # how a value of an axis is written in a sentence
    "tokens": "{} tokens",
    "batch": "batch {}",
    "threads": "{} threads",
}


def inverse(estimate: Estimate) -> Estimate:
    """The reciprocal of a ratio."""
    return Estimate(1 / estimate.value, 1 / estimate.high, 1 / estimate.low)


def time_share(profile: LatencyProfile) -> Estimate:
    """The student's time over the teacher's, for readers who think in time rather than in speed."""
    return inverse(profile.ratio)


def profile_summary(profile: LatencyProfile) -> str:
    """How fast the student is, with the interval and the A/A run; or why the profile is inconclusive."""
    if profile.inconclusive_reason:
        return profile.inconclusive_reason
    ratio, null, p50 = profile.ratio, profile.null, profile.p50
    unclear = "; no difference can be seen" if ratio.low <= 1 <= ratio.high else ""
    return (
        f"The student is {ratio.value:.2f} times as fast (95% CI {ratio.low:.2f}–{ratio.high:.2f}){unclear}: "
        f"{p50.student.value:.2f} instead of {p50.teacher.value:.2f} ms. Noise check, teacher against teacher: "
        f"{null.value:.2f} ({null.low:.2f}–{null.high:.2f})."
    )


def sweep_summary(sweep: Sweep) -> str:
    """The smallest and the largest share of time over the conclusive points, and which points are inconclusive."""
    sure = [profile for profile in sweep.profiles if profile.inconclusive_reason is None]
    unsure = [
        place(sweep.axis, at)
        for at, profile in zip(sweep.at, sweep.profiles, strict=True)
        if profile.inconclusive_reason
    ]
    if not sure:
        return (
            "No point on this axis allows a conclusion: the spread is too large, or the rounds are too few. Close "
            "other programs, or measure more rounds."
        )
    shares = sorted((time_share(profile) for profile in sure), key=lambda share: share.value)
    ends = dict.fromkeys(interval(share) for share in (shares[0], shares[-1]))
    finding = f"The student takes {' to '.join(ends)} of the teacher's time."
    if not unsure:
        return finding
    return (
        f"{finding} At {', '.join(unsure)} the spread is too large, or the rounds are too few, for a conclusion: close "
        "other programs, or measure more rounds."
    )


def stage_summary(profile: StageProfile) -> str:
    """The share of the time that the layers take, and their feed-forward parts alone; of the sum of the stages."""
    layers, feed_forward = (
        [
            100
            * sum(time for stage, time in zip(stages, times.tolist(), strict=True) if stage.kind in kinds)
            / times.sum()
            for stages, times in zip(profile.stages, profile.typical, strict=True)
        ]
        for kinds in (("attention", "feed-forward"), ("feed-forward",))
    )
    return (
        f"The layers take {layers[0]:.0f}% of the teacher's time and {layers[1]:.0f}% of the student's; their "
        f"feed-forward parts alone take {feed_forward[0]:.0f}% and {feed_forward[1]:.0f}%."
    )


def place(axis: str, at: int | str) -> str:
    """A value of an axis with its noun: "64 tokens", "batch 8", "1 thread", "bfloat16"."""
    text = NAMES.get(axis, "{}").format(at)
    return text.removesuffix("s") if axis == "threads" and at == 1 else text
