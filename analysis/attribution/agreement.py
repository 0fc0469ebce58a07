"""Whether attributions agree: teacher and student on the words that both read, or one model's from each baseline.

agreement(Sides(teacher_attribution, student_attribution)).finding
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.answer_flow import AnswerFlow
from analysis.attribution.methods import Attribution
from analysis.attribution.shared_scale import shared_scale
from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from analysis.predictions.targets import NUMBER
from analysis.statistics import Estimate, correlation_with_interval, kendall, spearman
from analysis.wording import signed

TOP = 5  # words


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two models' attributions are on the `words` that both read.

    `targets`: the names of what each explains. `shares` [word]: of all attribution in each model, so that both are on
    one scale.

    The rank correlations, -1 to 1, have intervals from resampled words. They are None for fewer than FEWEST_WORDS
    words, if one model gives every word the same value, or if the targets differ: a word that speaks for the one may
    speak against the other. `overlap`: how many of each model's `top` words, by size, are the same; `by_chance`: how
    many would be by chance. `differing` [word]: word indices, largest difference first.
    """

    words: tuple[Word, ...]
    targets: Sides[str]
    shares: Sides[Array]
    spearman: Estimate | None
    kendall: Estimate | None
    top: int
    overlap: int
    by_chance: float
    differing: tuple[int, ...]

    @property
    def about_one_target(self) -> bool:
        """Whether both models' shares are for and against the same."""
        return self.targets.teacher == self.targets.student

    @property
    def finding(self) -> str:
        """What each answer rests on, and where the two models differ most."""
        most = self.differing[0]
        difference = (
            f" They differ most on “{self.words[most].text}”: {_signed(self.shares, Sides(most, most))}."
            if self.about_one_target
            else ""
        )
        return self._rests_on() + difference

    @property
    def ranking(self) -> str:
        """How alike the two models rank the words, with numbers."""
        alike = (
            _ranked(self.spearman)
            if self.about_one_target
            else "Each model is explained for its own answer, so what speaks for one may speak against the other, and "
            "no correlation is shown."
        )
        return (
            f"{alike} Of the {self.top} words that matter most to each, {self.overlap} are the same "
            f"(by chance: {self.by_chance:.1f})."
        )

    def _rests_on(self) -> str:
        """The word that speaks most for the target in each model."""
        top = self.shares.map(lambda shares: int(shares.argmax()))
        word = top.map(lambda place: f"“{self.words[place].text}”")
        without = [side for side, shares in self.shares.items() if shares.max() <= 0]
        if without:
            return f"No word speaks for it in the {' or the '.join(without)}."
        if top.teacher == top.student:
            answers = "Both" if self.about_one_target else "Both answers"
            return f"{answers} rest mainly on {word.teacher} ({_signed(self.shares, top)})."
        teacher, student = (_percent(side[place]) for side, place in zip(self.shares, top, strict=True))
        if self.about_one_target:
            sentence = (
                f"{quoted(self.targets.teacher)} rests mainly on {word.teacher} in the teacher ({teacher}) and on "
                f"{word.student} in the student ({student})."
            )
            return f"{sentence[0].upper()}{sentence[1:]}"
        return (
            f"The teacher's “{self.targets.teacher}” rests mainly on {word.teacher} ({teacher}), the student's "
            f"“{self.targets.student}” on {word.student} ({student})."
        )


def quoted(name: str) -> str:
    """A target's name in a sentence: what a model says in quotes, the number as it is."""
    return name if name == NUMBER else f"“{name}”"


def agreement(attributions: Sides[Attribution]) -> Agreement:
    """Two models' attributions by one method. Raises `AnalysisError` if they read no common word."""
    if attributions.teacher.method != attributions.student.method:
        raise ValueError("attributions agree or differ only by the same method")
    scale, targets = shared_scale(attributions), attributions.map(lambda attribution: attribution.target.name)
    words = scale.words
    pairs = zip(attributions, scale.normalisers, strict=True)
    shares = Sides(*(frozen(_scores(attribution, words) / normaliser) for attribution, normaliser in pairs))
    sizes = shares.map(np.abs)
    top = min(TOP, len(words))
    first, second = (set(np.argsort(-size, kind="stable")[:top].tolist()) for size in sizes)
    alike = targets.teacher == targets.student
    return Agreement(
        words,
        targets,
        shares,
        spearman=correlation_with_interval(spearman, *shares) if alike else None,
        kendall=correlation_with_interval(kendall, *shares) if alike else None,
        top=top,
        overlap=len(first & second),
        by_chance=top * top / len(words),
        differing=tuple(np.argsort(-np.abs(shares.teacher - shares.student), kind="stable").tolist()),
    )


def beside_answer_flow(
    attribution: Attribution, answer_flow: AnswerFlow, words: Sequence[Word]
) -> tuple[AnswerFlow, Estimate | None]:
    """An attribution in the units of an answer flow, and Spearman's correlation of the two over words.

    Its shares are of the absolute sum of all values, since the flow has no sign either; special tokens have 0. `words`
    are those that `answer_flow.words` indexes.
    """
    total = attribution.absolute_sum or 1.0
    sizes = {word: abs(score) / total for word, score in zip(attribution.words, attribution.scores, strict=True)}
    shares = np.array([sizes.get(words[word], 0.0) if word >= 0 else 0.0 for word in answer_flow.words])
    of_words = answer_flow.words >= 0
    correlation = correlation_with_interval(spearman, answer_flow.shares[of_words], shares[of_words])
    return replace(answer_flow, shares=frozen(shares)), correlation


def baseline_agreement(attributions: Sequence[Attribution]) -> Array:
    """How much the baseline matters: Spearman between each two of one model's attributions, [baseline, baseline].

    NaN where one of them gives every word the same value.
    """
    every_word_once = np.ones((1, len(attributions[0].words)))
    scores = [attribution.scores for attribution in attributions]
    return frozen([[spearman(row, column, every_word_once)[0] for column in scores] for row in scores])


def _scores(attribution: Attribution, words: tuple[Word, ...]) -> Array:
    place = {word: number for number, word in enumerate(attribution.words)}
    return np.asarray(attribution.scores[[place[word] for word in words]])


def _percent(share: float) -> str:
    return f"{signed(share, digits=0)}%"


def _signed(shares: Sides[Array], words: Sides[int]) -> str:
    """Each model's share of a word."""
    teacher, student = (_percent(side[word]) for side, word in zip(shares, words, strict=True))
    return f"teacher {teacher}, student {student}"


def _ranked(correlation: Estimate | None) -> str:
    if correlation is None:
        return "There are too few words, or their values are all equal, so the two rankings cannot be compared."
    numbers = f"(Spearman {correlation.value:.2f}, 95% CI {correlation.low:.2f} to {correlation.high:.2f})."
    return next(f"{sentence} {numbers}" for holds, sentence in RANKINGS if holds(correlation))


# The sentence of the first condition that holds.
RANKINGS: tuple[tuple[Callable[[Estimate], bool], str], ...] = (
    (lambda it: it.low > 0.5, "The student ranks the words much as the teacher does"),
    (lambda it: it.low > 0, "The student ranks the words more like the teacher than chance would"),
    (lambda it: it.high < 0, "The student ranks the words against the teacher's order"),
    (lambda it: True, "Too few words to tell whether both rank them alike"),
)
