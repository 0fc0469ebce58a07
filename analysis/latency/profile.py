"""Measured latency: the raw samples in ms, and everything that is computed from them.

    profile.p50.teacher.value, profile.ratio.low, profile.null

Samples are kept as measured. p50, p90 and p99 are NumPy's quantiles (linear between neighbours).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.latency.config import BenchmarkConfig, Machine, Unavailable
from analysis.models.pairs import Sides
from analysis.statistics import Estimate, bootstrapped
from analysis.wording import signed

FEWEST_FOR_P99 = 1_000  # samples; with fewer, p99 depends on the ten slowest or fewer
FEWEST_ROUNDS = 10  # that allow any conclusion
NULL_REACH = 0.1  # how far from 1 the interval of the null may reach
RATIO_WIDTH = 0.2  # how wide the interval of the ratio may be, as a share of the ratio
WIDEST_GAP = 0.05  # between the sum of the stages and the whole answer


@dataclass(frozen=True, slots=True)
class LatencyProfile:
    """Both models under one configuration, measured in interleaved rounds.

    `samples`: each side's forward passes in ms, [round]. `teacher_repeat`: the teacher's second pass in every round,
    [round]; with it the teacher is compared with itself (an A/A run, the null). `tokens`: how many tokens each model
    reads, in all windows of a text. `started`: UTC, ISO 8601. Fewer than `rounds_requested` rounds were measured if
    measuring was stopped or its time ran out.
    """

    config: BenchmarkConfig
    task: str
    texts: tuple[str, ...]  # the reader's; () if random tokens were read
    checkpoints: Sides[str]
    tokens: Sides[int]
    samples: Sides[Array]
    teacher_repeat: Array
    rounds_requested: int
    started: str
    machine: Machine

    @property
    def rounds(self) -> int:
        return len(self.teacher_repeat)

    @property
    def p50(self) -> Sides[Estimate]:
        """The median time of a pass in ms."""
        return self.samples.map(lambda samples: quantile(samples, 0.5))

    @property
    def p90(self) -> Sides[Estimate]:
        return self.samples.map(lambda samples: quantile(samples, 0.9))

    @property
    def p99(self) -> Sides[Estimate] | None:
        """None below `FEWEST_FOR_P99` rounds."""
        if self.rounds < FEWEST_FOR_P99:
            return None
        return self.samples.map(lambda samples: quantile(samples, 0.99))

    @property
    def ratio(self) -> Estimate:
        """The teacher's time over the student's: the median over rounds of their ratio within a round."""
        return ratio(*self.samples)

    @property
    def null(self) -> Estimate:
        """The same ratio for the teacher against itself (A/A run): it is 1 but for noise."""
        return ratio(self.samples.teacher, self.teacher_repeat)

    @property
    def throughput(self) -> Sides[Estimate]:
        """Sequences per second, at the median time."""
        return self.p50.map(lambda p50: _per_second(self.config.batch, p50))

    @property
    def inconclusive_reason(self) -> str | None:
        """Why the profile allows no conclusion, as a sentence; None if it does."""
        if self.rounds < FEWEST_ROUNDS:
            return f"{self.rounds} rounds are too few for a conclusion; at least {FEWEST_ROUNDS} are needed."
        null, ratio = self.null, self.ratio
        if max(1 - null.low, null.high - 1) > NULL_REACH:
            return (
                "The spread is too large for a conclusion: the teacher against itself, measured in the same rounds, is "
                f"{null.low:.2f} to {null.high:.2f} times as fast. Close other programs, or measure more rounds."
            )
        if ratio.high - ratio.low > RATIO_WIDTH * ratio.value:
            return (
                f"The spread is too large for a conclusion: the student is {ratio.low:.2f} to {ratio.high:.2f} times "
                "as fast. Close other programs, or measure more rounds."
            )
        return None


def quantile(samples: Array, share: float) -> Estimate:
    """The value at or below which a `share` of the samples [round] lies, in their unit."""
    return bootstrapped(len(samples), lambda rounds: np.quantile(samples[rounds], share, axis=-1))


def ratio(numerator: Array, denominator: Array) -> Estimate:
    """The median over rounds of the ratio within a round; both arrays [round] are of the same rounds.

    A load that comes and goes slows both passes of a round and leaves their ratio as it is; it would shift the ratio of
    two medians.
    """
    ratios = numerator / denominator
    return bootstrapped(len(ratios), lambda rounds: np.median(ratios[rounds], axis=-1))


def _per_second(count: int, took_ms: Estimate) -> Estimate:
    return Estimate(1000 * count / took_ms.value, 1000 * count / took_ms.high, 1000 * count / took_ms.low)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Profiles along one axis (a key of `AXES`: the name of a field of `BenchmarkConfig`), in its order."""

    axis: str
    profiles: tuple[LatencyProfile, ...]
    unavailable: tuple[Unavailable, ...] = ()

    @property
    def at(self) -> tuple[int | str, ...]:
        """The value of each profile on the axis."""
        return tuple(getattr(profile.config, self.axis) for profile in self.profiles)


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of answering. `kind`: tokenizer, embeddings, attention, feed-forward, task head or post-processing.

    `layer` is 1…L, None for stages outside the layers.
    """

    kind: str
    layer: int | None = None

    @property
    def name(self) -> str:
        return self.kind if self.layer is None else f"layer {self.layer}: {self.kind}"


@dataclass(frozen=True, slots=True)
class StageProfile:
    """The time of each stage of answering a text, from the text to the prediction, in both models.

    `samples`: each side's stages in ms, [round, stage]. `whole`: the same answer without hooks inside the model, in the
    same rounds, [round].
    """

    task: str
    texts: tuple[str, ...]
    checkpoints: Sides[str]
    stages: Sides[tuple[Stage, ...]]
    samples: Sides[Array]
    whole: Sides[Array]
    threads: int
    rounds_requested: int
    started: str
    machine: Machine

    @property
    def rounds(self) -> int:
        return len(self.whole.teacher)

    @property
    def typical(self) -> Sides[Array]:
        """Each stage's median in ms, [stage]; occasional delays by other programs do not affect it."""
        return self.samples.map(lambda samples: frozen(np.median(samples, axis=0)))

    @property
    def typical_whole(self) -> Sides[float]:
        """The median of the whole answer in ms."""
        return self.whole.map(lambda whole: float(np.median(whole)))

    @property
    def gap(self) -> Sides[Estimate]:
        """The relative difference between the sum of the stage medians and the median of the whole; 0.05 is 5% more."""
        return Sides(*(_gap(stages, whole) for stages, whole in zip(self.samples, self.whole, strict=True)))

    @property
    def finding(self) -> str:
        """Whether the stages add up to the whole answer, with the numbers."""
        gaps = [f"{signed(gap.value)}% [{signed(gap.low)}, {signed(gap.high)}]" for gap in self.gap]
        numbers = f"({gaps[0]} for the teacher, {gaps[1]} for the student, 95% CI over {self.rounds} rounds)"
        if all(gap.low >= -WIDEST_GAP and gap.high <= WIDEST_GAP for gap in self.gap):
            return f"The stages add up, within 5%, to the whole answer timed in one piece {numbers}."
        if any(gap.low > WIDEST_GAP or gap.high < -WIDEST_GAP for gap in self.gap):
            return (
                f"The stages do not add up to the whole answer within 5% {numbers}: other programs interfere. Close "
                "them; until then read the stages as shares only."
            )
        return (
            f"It is not clear whether the stages add up within 5% {numbers}: close other programs, or measure longer."
        )


def _gap(stages: Array, whole: Array) -> Estimate:
    """From times [round, stage] and [round]."""

    def share(rounds: Array) -> Array:
        total = sum(np.median(stage[rounds], axis=-1) for stage in stages.T)
        return np.asarray(total / np.median(whole[rounds], axis=-1) - 1)

    return bootstrapped(len(whole), share)


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a measurement: the result so far, the share that is done and the seconds that are left."""

    so_far: LatencyProfile | Sweep | StageProfile
    share: float
    seconds_left: float
