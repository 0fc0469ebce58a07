"""What measuring latency gives, as values: raw samples in ms, and everything that follows from them.

    profile.p50.teacher.value, profile.ratio.low, profile.null

Samples are kept as measured. p50, p90 and p99 are NumPy's quantiles (linear between neighbours).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.latency.config import Machine, Setting, Unavailable
from analysis.models.pairs import Sides
from analysis.statistics import Estimate, bootstrapped

FEWEST_FOR_P99 = 1_000  # samples: below, its place is that of the ten slowest or fewer
FEWEST_ROUNDS = 10  # to conclude anything
NULL_REACH = 0.1  # how far from 1 the interval of the null may reach
RATIO_WIDTH = 0.2  # how wide the interval of the ratio may be, as a share of the ratio
WIDEST_GAP = 0.05  # between the stages together and the whole answer


@dataclass(frozen=True, slots=True)
class LatencyProfile:
    """Both models under one setting, measured in turns.

    `samples`: each side's forward passes in ms, [round]. `again`: the teacher's second pass in every round, [round],
    of which the null is made. `tokens`: how many each model reads, in all windows of a text. `started`: UTC, ISO 8601.
    `asked` is how many rounds there were to be: fewer were measured where it was stopped, or its time was up.
    """

    setting: Setting
    task: str
    texts: tuple[str, ...]  # of the reader; () where random tokens of a length were read
    checkpoints: Sides[str]
    tokens: Sides[int]
    samples: Sides[Array]
    again: Array
    asked: int
    started: str
    machine: Machine

    @property
    def rounds(self) -> int:
        return len(self.again)

    @property
    def p50(self) -> Sides[Estimate]:
        """Half of the passes took at most so many ms."""
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
        """The same of the teacher over itself: what a difference that is none comes out as."""
        return ratio(self.samples.teacher, self.again)

    @property
    def throughput(self) -> Sides[Estimate]:
        """Sequences a second, at the median."""
        return self.p50.map(lambda p50: _a_second(self.setting.batch, p50))

    @property
    def tokens_a_second(self) -> Sides[Estimate]:
        counts = self.tokens.map(lambda tokens: tokens * self.setting.batch)
        return Sides(*(_a_second(count, p50) for count, p50 in zip(counts, self.p50, strict=True)))

    @property
    def trouble(self) -> str | None:
        """Why nothing can be concluded, as a sentence; None where something can."""
        if self.rounds < FEWEST_ROUNDS:
            return f"{self.rounds} rounds are too few to conclude; at least {FEWEST_ROUNDS} are needed."
        null, found = self.null, self.ratio
        if max(1 - null.low, null.high - 1) > NULL_REACH:
            return (
                "The spread is too large to conclude: the teacher against itself, measured in the same rounds, comes "
                f"out anywhere from {null.low:.2f}x to {null.high:.2f}x. Close other programs, or measure more rounds."
            )
        if found.high - found.low > RATIO_WIDTH * found.value:
            return (
                f"The spread is too large to conclude: the ratio lies anywhere from {found.low:.2f}x to "
                f"{found.high:.2f}x. Close other programs, or measure more rounds."
            )
        return None


def quantile(samples: Array, share: float) -> Estimate:
    """The value that `share` of samples [round] stay at or below, in their unit."""
    return bootstrapped(len(samples), lambda rounds: np.quantile(samples[rounds], share, axis=-1))


def ratio(one: Array, other: Array) -> Estimate:
    """One over the other, measured in the same rounds [round]: the median of the rounds' ratios.

    Load that comes and goes slows both passes of a round and leaves their ratio; it would move a ratio of two medians.
    """
    ratios = one / other
    return bootstrapped(len(ratios), lambda rounds: np.median(ratios[rounds], axis=-1))


def _a_second(count: int, took_ms: Estimate) -> Estimate:
    return Estimate(1000 * count / took_ms.value, 1000 * count / took_ms.high, 1000 * count / took_ms.low)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Profiles along one axis (a key of `AXES`: the name of a field of `Setting`), in its order."""

    axis: str
    profiles: tuple[LatencyProfile, ...]
    unavailable: tuple[Unavailable, ...] = ()

    @property
    def at(self) -> tuple[int | str, ...]:
        """Where each profile is on the axis."""
        return tuple(getattr(profile.setting, self.axis) for profile in self.profiles)


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of answering. `kind`: tokenizer, embeddings, attention, feed-forward, task head or post-processing.

    `layer` is 1…L, None for what belongs to no layer.
    """

    kind: str
    layer: int | None = None

    @property
    def name(self) -> str:
        return self.kind if self.layer is None else f"layer {self.layer}: {self.kind}"


@dataclass(frozen=True, slots=True)
class StageProfile:
    """Where the time of answering a text goes, from the text to the prediction, in both models.

    `samples`: each side's stages in ms, [round, stage]. `whole`: the same answer without looking inside, in the same
    rounds, [round].
    """

    task: str
    texts: tuple[str, ...]
    checkpoints: Sides[str]
    stages: Sides[tuple[Stage, ...]]
    samples: Sides[Array]
    whole: Sides[Array]
    threads: int
    asked: int
    started: str
    machine: Machine

    @property
    def rounds(self) -> int:
        return len(self.whole.teacher)

    @property
    def typical(self) -> Sides[Array]:
        """Each stage's median in ms, [stage]: what other programs took in between, here and there, is left out."""
        return self.samples.map(lambda samples: frozen(np.median(samples, axis=0)))

    @property
    def typical_whole(self) -> Sides[float]:
        """The same of the answer as a whole, in ms."""
        return self.whole.map(lambda whole: float(np.median(whole)))

    @property
    def gap(self) -> Sides[Estimate]:
        """By which share the sum of these medians differs from that of the whole: 0.05 is 5 % more."""
        return Sides(*(_gap(stages, whole) for stages, whole in zip(self.samples, self.whole, strict=True)))

    @property
    def finding(self) -> str:
        """Whether the stages add up to the whole, with the numbers."""
        gaps = [f"{100 * gap.value:+.1f} % [{100 * gap.low:+.1f}, {100 * gap.high:+.1f}]" for gap in self.gap]
        told = f"({gaps[0]} for the teacher, {gaps[1]} for the student, 95 % intervals over {self.rounds} rounds)"
        if all(gap.low >= -WIDEST_GAP and gap.high <= WIDEST_GAP for gap in self.gap):
            return f"The stages add up to the whole answer, measured without looking inside, within 5 % {told}."
        if any(gap.low > WIDEST_GAP or gap.high < -WIDEST_GAP for gap in self.gap):
            return (
                f"The stages do not add up to the whole answer within 5 % {told}: other programs come between. Close "
                "them; until then take the stages as shares."
            )
        return f"Whether the stages add up within 5 % cannot be told {told}: close other programs, or measure longer."


def _gap(stages: Array, whole: Array) -> Estimate:
    """From times [round, stage] and [round]."""

    def share(rounds: Array) -> Array:
        total = sum(np.median(stage[rounds], axis=-1) for stage in stages.T)
        return np.asarray(total / np.median(whole[rounds], axis=-1) - 1)

    return bootstrapped(len(whole), share)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far measuring is: what was measured so far, the share that is done and the seconds that are left."""

    so_far: LatencyProfile | Sweep | StageProfile
    share: float
    seconds_left: float
