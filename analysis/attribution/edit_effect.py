"""What an edit does to attributions: those of a text and of the edited text on one scale, word by word.

moved(found, Sides(told, other), Sides(told_after, other_after)).finding
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attribution.methods import Attribution
from analysis.attribution.shared_scale import scale_of
from analysis.inputs.edits import Edited
from analysis.inputs.words import Word
from analysis.models.pairs import Sides

HARDLY = 0.005  # of what shares are of: less does not show


@dataclass(frozen=True, slots=True)
class Moved:
    """Both models' shares of the words that both read, before and after edits.

    `words` [word] of the text as it was, and `places` [word], what stands there now. `before`, `after` [word]: shares
    of the score's change, or of all values, of the text as it was, for both, so that they can be compared; what
    stands in a word's place is taken together, and nothing has 0.
    """

    words: tuple[Word, ...]
    places: tuple[tuple[Word, ...], ...]
    before: Sides[Array]
    after: Sides[Array]
    of_change: bool

    @property
    def edited(self) -> tuple[bool, ...]:
        """[word]: whether something else stands in its place."""
        pairs = zip(self.words, self.places, strict=True)
        return tuple([word.text] != [one.text for one in place] for word, place in pairs)

    @property
    def finding(self) -> str:
        """Which of the words that were left alone moved most in each model, with numbers."""
        left = np.flatnonzero(~np.array(self.edited, dtype=bool))
        if not len(left):
            return "No word was left as it was."
        sentences = [self._moving(name, left) for name in ("teacher", "student")]
        return "Among the words that were left as they are, " + ", ".join(sentences) + "."

    def _moving(self, side: str, left: Array) -> str:
        before, after = (getattr(shares, side) for shares in (self.before, self.after))
        most = int(left[np.abs(after - before)[left].argmax()])
        first, second = before[most], after[most]
        if abs(second - first) < HARDLY:
            return f"none moves for the {side}"
        return f"“{self.words[most].text}” moves most for the {side} ({100 * first:+.0f} % to {100 * second:+.0f} %)"


def moved(found: Edited, before: Sides[Attribution], after: Sides[Attribution]) -> Moved:
    """Attributions of `found.before` and `found.after`. Raises `AnalysisError` where both models read no word of it."""
    scale, stands = scale_of(before), dict(zip(found.words, found.places, strict=True))
    places = tuple(stands[word] for word in scale.words)

    def shares(told: Sides[Attribution], places: Sequence[tuple[Word, ...]]) -> Sides[Array]:
        return Sides(*(_sums(one, places) / whole for one, whole in zip(told, scale.wholes, strict=True)))

    first, second = shares(before, [(word,) for word in scale.words]), shares(after, places)
    return Moved(scale.words, places, first.map(frozen), second.map(frozen), scale.of_change)


def _sums(told: Attribution, places: Sequence[tuple[Word, ...]]) -> Array:
    """[place]: what all words of a place have together; a word that the model does not read has nothing."""
    scores = dict(zip(told.words, told.scores.tolist(), strict=True))
    return np.array([sum(scores.get(word, 0.0) for word in place) for place in places])
