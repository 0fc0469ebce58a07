"""The effect of an edit on attributions: those of the text and of the edited text on one scale, word by word.

edit_effect(edit, Sides(teacher, student), Sides(teacher_after, student_after)).finding
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attribution.methods import Attribution
from analysis.attribution.shared_scale import shared_scale
from analysis.inputs.edits import Edited
from analysis.inputs.words import Word, place_of
from analysis.models.pairs import Sides
from analysis.wording import signed

MIN_SHARE_CHANGE = 0.005  # a smaller change of a share is not reported


@dataclass(frozen=True, slots=True)
class EditEffect:
    """Both models' shares of the words that both read, before and after edits.

    `words` [word] of the original text, and `replacements` [word], the words that stand in their places now. `before`,
    `after` [word]: shares of all attribution in the original text, both times, so that they can be compared. Several
    words in one place are summed, and none counts as 0.
    """

    words: tuple[Word, ...]
    replacements: tuple[tuple[Word, ...], ...]
    before: Sides[Array]
    after: Sides[Array]

    @property
    def edited(self) -> tuple[bool, ...]:
        """[word]: whether something else stands in its place."""
        pairs = zip(self.words, self.replacements, strict=True)
        return tuple([word.text] != [new.text for new in replacement] for word, replacement in pairs)

    @property
    def finding(self) -> str:
        """Which of the unedited words changed most in each model, with numbers."""
        unedited = np.flatnonzero(~np.array(self.edited, dtype=bool))
        if not len(unedited):
            return "Every word was edited."
        sentences = [self._largest_change(name, unedited) for name in ("teacher", "student")]
        return "Among the words that were not edited, " + ", ".join(sentences) + "."

    def _largest_change(self, side: str, unedited: Array) -> str:
        before, after = (shares[side] for shares in (self.before, self.after))
        most = int(unedited[np.abs(after - before)[unedited].argmax()])
        first, second = before[most], after[most]
        if abs(second - first) < MIN_SHARE_CHANGE:
            return f"none changes for the {side}"
        return f"“{self.words[most].text}” changes most for the {side} ({signed(first, 0)}% to {signed(second, 0)}%)"


def edit_effect(edit: Edited, before: Sides[Attribution], after: Sides[Attribution]) -> EditEffect:
    """From attributions of `edit.before` and `edit.after`. Raises `AnalysisError` if the models read no common word."""
    scale, read = shared_scale(before), {word for attribution in after for word in attribution.words}
    replacements = _as_read([edit.place(word) for word in scale.words], tuple(read))

    def shares(attributions: Sides[Attribution], places: Sequence[tuple[Word, ...]]) -> Sides[Array]:
        pairs = zip(attributions, scale.normalisers, strict=True)
        return Sides(*(frozen(_sums(attribution, places) / normaliser) for attribution, normaliser in pairs))

    originals = [(word,) for word in scale.words]
    return EditEffect(scale.words, replacements, shares(before, originals), shares(after, replacements))


def _as_read(places: Sequence[tuple[Word, ...]], read: tuple[Word, ...]) -> tuple[tuple[Word, ...], ...]:
    """The words of each place as the models read them: a joined one once, in the first place that it has a part of."""
    held: set[Word] = set()
    found = []
    for place in places:
        numbers = [place_of(word, read) for word in place]
        whole = dict.fromkeys(
            word if number is None else read[number] for word, number in zip(place, numbers, strict=True)
        )
        found.append(tuple(word for word in whole if word not in held))
        held.update(whole)
    return tuple(found)


def _sums(attribution: Attribution, places: Sequence[tuple[Word, ...]]) -> Array:
    """[place]: the sum over all words of a place; a word that the model does not read has 0."""
    scores = dict(zip(attribution.words, attribution.scores.tolist(), strict=True))
    return np.array([sum(scores.get(word, 0.0) for word in place) for place in places])
