"""Whether two attributions agree: of teacher and student on the words that both read, or of one model's baselines.

agreement(Sides(told, other)).finding
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.answer_flow import AnswerFlow
from analysis.attribution.baselines import BASELINES
from analysis.attribution.integrated_gradients import Progress, part_of
from analysis.attribution.methods import Attribution, attribute
from analysis.attribution.shared_scale import scale_of
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.targets import Target
from analysis.statistics import Estimate

TOP = 5  # words
FEWEST_WORDS = 4  # fewer have too few orders for a correlation to say anything
RESAMPLES = 1_000
SEED = 0

Measure: TypeAlias = Callable[[Array, Array, Array], Array]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two models' attributions are on the `words` that both read.

    `shares` [word]: of the size of either score's change (`of_change`), or where one of them hardly changes, or the
    method does not add up, of all of either's values: both on one scale.

    The rank correlations, -1 to 1, have intervals over words drawn anew. They are None for fewer than FEWEST_WORDS
    words, or where one model gives the same to every word. `overlap`: how many of either's `top` words, by size, are
    the same; `by_chance`: how many would be. `differing` [word]: the words' places, those first whose shares differ
    most.
    """

    words: tuple[Word, ...]
    shares: Sides[Array]
    of_change: bool
    spearman: Estimate | None
    kendall: Estimate | None
    top: int
    overlap: int
    by_chance: float
    differing: tuple[int, ...]

    @property
    def finding(self) -> str:
        """What came out, in a few sentences with their numbers."""
        most = self.differing[0]
        teacher, student = (f"{100 * shares[most]:+.0f} %" for shares in self.shares)
        whole = "the change of the score" if self.of_change else "all values"
        return (
            f"{_ranked(self.spearman)} Of the {self.top} words that matter most to each, {self.overlap} are the same "
            f"(by chance: {self.by_chance:.1f}). They differ most on “{self.words[most].text}”: {teacher} of {whole} "
            f"for the teacher, {student} for the student."
        )


def agreement(told: Sides[Attribution]) -> Agreement:
    """Two models' attributions of one target by one method. Raises `AnalysisError` where they read no common word."""
    teacher, student = told
    if (teacher.method, teacher.target.name) != (student.method, student.target.name):
        raise ValueError("attributions agree or differ only on the same target and by the same method")
    scale = scale_of(told)
    words = scale.words
    shares = Sides(*(frozen(_scores(one, words) / whole) for one, whole in zip(told, scale.wholes, strict=True)))
    sizes = shares.map(np.abs)
    top = min(TOP, len(words))
    first, second = (set(np.argsort(-size, kind="stable")[:top].tolist()) for size in sizes)
    return Agreement(
        words,
        shares,
        scale.of_change,
        spearman=_interval(spearman, *shares),
        kendall=_interval(kendall, *shares),
        top=top,
        overlap=len(first & second),
        by_chance=top * top / len(words),
        differing=tuple(np.argsort(-np.abs(shares.teacher - shares.student), kind="stable").tolist()),
    )


def beside(told: Attribution, flow: AnswerFlow, words: Sequence[Word]) -> tuple[AnswerFlow, Estimate | None]:
    """An attribution in the units of an attention flow, and Spearman's correlation of the two over words.

    Its shares are of all values, regardless of sign, since a flow has none either; special tokens have 0. `words` are
    those that `flow.words` counts.
    """
    sizes = {word: abs(score) / (told.size or 1.0) for word, score in zip(told.words, told.scores, strict=True)}
    shares = np.array([sizes.get(words[word], 0.0) if word >= 0 else 0.0 for word in flow.words])
    of_words = flow.words >= 0
    return replace(flow, shares=frozen(shares)), _interval(spearman, flow.shares[of_words], shares[of_words])


def by_baseline(
    model: Model, example: Example, target: Target, method: str, progress: Progress = lambda share: None
) -> tuple[Attribution, ...]:
    """One method from every row of `BASELINES`, in their order."""
    shares = np.linspace(0, 1, len(BASELINES) + 1)
    return tuple(
        attribute(model, example, target, method, baseline, part_of(progress, shares[place], shares[place + 1]))
        for place, baseline in enumerate(BASELINES)
    )


def over_baselines(told: Sequence[Attribution]) -> Array:
    """How much the baseline matters: Spearman between each two of one model's attributions, [baseline, baseline].

    NaN where one of them gives the same to every word.
    """
    every = np.ones((1, len(told[0].words)))
    return frozen([[spearman(one.scores, other.scores, every)[0] for other in told] for one in told])


def spearman(one: Array, other: Array, weights: Array) -> Array:
    """Spearman's rank correlation of two rows [word] for each row of how often a word is drawn, [draw, word]: [draw].

    NaN where all that was drawn is equal.
    """
    ranks = [_weighted_ranks(values, weights) for values in (one, other)]  # [draw, word]
    counts = weights.sum(axis=1, keepdims=True)
    centred = [rank - (weights * rank).sum(axis=1, keepdims=True) / counts for rank in ranks]
    return _ratio(*((weights * a * b).sum(axis=1) for a, b in _pairs(*centred)))


def kendall(one: Array, other: Array, weights: Array) -> Array:
    """Kendall's tau-b, likewise."""
    signs = [np.sign(np.subtract.outer(values, values)) for values in (one, other)]  # [word, word]
    return _ratio(*(((weights @ (a * b)) * weights).sum(axis=1) for a, b in _pairs(*signs)))


def _scores(told: Attribution, words: tuple[Word, ...]) -> Array:
    place = {word: number for number, word in enumerate(told.words)}
    return np.asarray(told.scores[[place[word] for word in words]])


def _pairs(a: Array, b: Array) -> tuple[tuple[Array, Array], ...]:
    return (a, b), (a, a), (b, b)


def _ratio(both: Array, one: Array, other: Array) -> Array:
    """Covariance over the root of the two variances, NaN where one is 0."""
    scale = np.sqrt(one * other)
    return np.asarray(np.divide(both, scale, out=np.full_like(scale, np.nan), where=scale > 1e-12))


def _weighted_ranks(values: Array, weights: Array) -> Array:
    """Mean ranks of each word among those drawn, each as often as its weight: [draw, word]."""
    below, equal = np.less.outer(values, values), np.equal.outer(values, values)  # [of, word]
    return np.asarray(weights @ (below + equal / 2))


def _interval(measure: Measure, one: Array, other: Array) -> Estimate | None:
    count = len(one)
    (value,) = measure(one, other, np.ones((1, count)))
    if count < FEWEST_WORDS or np.isnan(value):
        return None
    draws = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(float)
    low, high = np.nanpercentile(measure(one, other, draws), (2.5, 97.5))
    return Estimate(float(value), float(low), float(high))


def _ranked(correlation: Estimate | None) -> str:
    if correlation is None:
        return "There are too few words, or too little between them, to compare how the models rank them."
    told = f"(Spearman {correlation.value:.2f}, 95 % interval {correlation.low:.2f} to {correlation.high:.2f})."
    return next(f"{sentence} {told}" for holds, sentence in RANKINGS if holds(correlation))


# What is said of the first of these that holds.
RANKINGS: tuple[tuple[Callable[[Estimate], bool], str], ...] = (
    (lambda it: it.low > 0.5, "The student ranks the words much as the teacher does"),
    (lambda it: it.low > 0, "The student ranks the words more as the teacher does than by chance"),
    (lambda it: it.high < 0, "The student ranks the words against the teacher"),
    (lambda it: True, "Whether the student ranks the words as the teacher does cannot be told from so few"),
)
