"""Whether two attributions agree: of teacher and student on the words that both read, or of one model's baselines.

agreement(Sides(told, other)).finding
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.answer_flow import Arrival
from analysis.attribution.baselines import BASELINES
from analysis.attribution.integrated_gradients import Progress, part_of
from analysis.attribution.methods import Attribution, attribute
from analysis.attribution.shared_scale import scale_of
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.targets import Target
from analysis.statistics import Estimate, correlation_with_interval, kendall, spearman

TOP = 5  # words


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
        spearman=correlation_with_interval(spearman, *shares),
        kendall=correlation_with_interval(kendall, *shares),
        top=top,
        overlap=len(first & second),
        by_chance=top * top / len(words),
        differing=tuple(np.argsort(-np.abs(shares.teacher - shares.student), kind="stable").tolist()),
    )


def beside(told: Attribution, found: Arrival, words: Sequence[Word]) -> tuple[Arrival, Estimate | None]:
    """An attribution in the units of what arrives by attention, and Spearman's correlation of the two over words.

    Its shares are of all values, whatever their sign, since what arrives has none either; what the tokenizer added has
    0. `words` are those that `found.words` counts.
    """
    sizes = {word: abs(score) / (told.size or 1.0) for word, score in zip(told.words, told.scores, strict=True)}
    shares = np.array([sizes.get(words[word], 0.0) if word >= 0 else 0.0 for word in found.words])
    of_words = found.words >= 0
    return replace(found, shares=frozen(shares)), correlation_with_interval(
        spearman, found.shares[of_words], shares[of_words]
    )


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


def _scores(told: Attribution, words: tuple[Word, ...]) -> Array:
    place = {word: number for number, word in enumerate(told.words)}
    return np.asarray(told.scores[[place[word] for word in words]])


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
