"""One scale for both models' attributions: the words that both read, and what their values are shares of."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.attribution.methods import Attribution
from analysis.errors import AnalysisError
from analysis.inputs.words import Word
from analysis.models.pairs import Sides


@dataclass(frozen=True, slots=True)
class Scale:
    """`words` that both models read; `wholes`: what each model's values are divided by, in their own unit, above 0.

    That is the size of the score's change (`of_change`), or, where one of the two hardly changes or the method does not
    add up, the size of all values, for both.
    """

    words: tuple[Word, ...]
    wholes: Sides[float]
    of_change: bool


def scale_of(told: Sides[Attribution]) -> Scale:
    """The scale of two models' attributions by one method. Raises `AnalysisError` where they read no common word."""
    words = tuple(word for word in told.teacher.words if word in told.student.words)
    if not words:
        raise AnalysisError("The two models read no word of this text in common: there is nothing to compare.")
    of_change = all(one.rule == "relative" for one in told)
    return Scale(words, told.map(lambda one: (one.whole if of_change else one.size) or 1.0), of_change)
