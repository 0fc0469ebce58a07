"""One scale for both models' attributions: the words that both read, and the total that their values are shares of."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.attribution.methods import Attribution
from analysis.errors import AnalysisError
from analysis.inputs.words import Word
from analysis.models.pairs import Sides


@dataclass(frozen=True, slots=True)
class SharedScale:
    """`words` that both models read; `normalisers`: what each model's values are divided by, in their unit, above 0.

    A normaliser is the size of the score's change (`normalised_by_change`). If the score of either model hardly
    changes, or the method is not complete, it is the absolute sum of all values, for both models.
    """

    words: tuple[Word, ...]
    normalisers: Sides[float]
    normalised_by_change: bool


def shared_scale(attributions: Sides[Attribution]) -> SharedScale:
    """The scale of two models' attributions by one method. Raises `AnalysisError` if they read no common word."""
    words = tuple(word for word in attributions.teacher.words if word in attributions.student.words)
    if not words:
        raise AnalysisError("The two models have no word of this text in common, so there is nothing to compare.")
    by_change = all(attribution.tolerance_kind == "relative" for attribution in attributions)
    normalisers = attributions.map(lambda each: (each.normaliser if by_change else each.absolute_sum) or 1.0)
    return SharedScale(words, normalisers, by_change)
