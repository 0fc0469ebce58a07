"""One scale for both models' attributions: the words that both read, and the total that their values are shares of."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.attribution.methods import Attribution
from analysis.errors import AnalysisError
from analysis.inputs.words import Word
from analysis.models.pairs import Sides

UNIT = "% of all attribution"  # of every method and text: without their signs, one model's values add up to 100


@dataclass(frozen=True, slots=True)
class SharedScale:
    """`words` that both models read; `normalisers`: the absolute sum of each model's values, in their unit, above 0."""

    words: tuple[Word, ...]
    normalisers: Sides[float]


def shared_scale(attributions: Sides[Attribution]) -> SharedScale:
    """The scale of two models' attributions by one method. Raises `AnalysisError` if they read no common word."""
    words = tuple(word for word in attributions.teacher.words if word in attributions.student.words)
    if not words:
        raise AnalysisError("The two models have no word of this text in common, so there is nothing to compare.")
    return SharedScale(words, attributions.map(lambda each: each.absolute_sum or 1.0))
