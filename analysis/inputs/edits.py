"""Minimal edits: words of a text changed or dropped, every other word in its place.

    found = edited(Example("sentiment", "Not a good film."), [Edit(Word("Not", 0, 3), None)])
    found.after.text == "a good film."
    carry_over(target, found)  # the same target in the edited text (analysis/predictions/resolve.py)

Edits name words of the text as it was, so that each can be made and taken back by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, place_of, words_of, words_of_all
from analysis.wording import shown

LONGEST = 500  # characters in the place of one word
OPENS, CLOSES = tuple("([{“‘«„"), tuple(".,;:!?…)]}”’»")  # what is written close to the word after it, and before it


@dataclass(frozen=True, slots=True)
class Edit:
    """A word of the text as it was, and what stands in its place: nothing where `replacement` is None."""

    word: Word
    replacement: str | None


@dataclass(frozen=True, slots=True)
class Edited:
    """A text before and after `edits`. `places` [word before]: the words of `after` that stand in its place.

    One where the word is as it was, though perhaps elsewhere; those of its replacement; or none.
    """

    before: Example
    after: Example
    edits: tuple[Edit, ...]
    places: tuple[tuple[Word, ...], ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """Those of the text as it was."""
        return words_of_all(self.before.texts)

    def place(self, word: Word) -> tuple[Word, ...]:
        """What stands in the place of a word of the text as it was, also of a joined one."""
        of_it = [place for one, place in zip(self.words, self.places, strict=True) if place_of(one, [word]) is not None]
        if not of_it:
            raise ValueError(f"{word} is no word of {self.before.texts}")
        return tuple(after for place in of_it for after in place)


def edited(example: Example, edits: Sequence[Edit]) -> Edited:
    """A checked example after these edits; of several of one word, the last holds.

    A dropped word takes the white space on one of its sides along, and no two words ever run together. Raises
    `AnalysisError` where a replacement has no word in it, and where what comes out cannot be asked.
    """
    last = {edit.word: edit for edit in edits}
    words = words_of_all(example.texts)
    if unknown := last.keys() - set(words):
        raise ValueError(f"{unknown} are no words of {example.texts}")
    for edit in last.values():
        _check(edit)
    texts = [
        _rewritten(text, [last[word] for word in words_of(text, field) if word in last])
        for field, text in enumerate(example.texts)
    ]
    if TASKS[example.task].needs_mask and MASK not in texts[0]:
        raise AnalysisError("The edits leave no mask to fill: undo one, or mask another word.")
    after = checked(Example(example.task, *texts))
    ends = accumulate((_count(last.get(word)) for word in words), initial=0)
    left = words_of_all(after.texts)
    return Edited(example, after, tuple(edits), tuple(left[begin:end] for begin, end in pairwise(ends)))


def _check(edit: Edit) -> None:
    if edit.replacement is None:
        return
    if len(edit.replacement) > LONGEST:
        raise AnalysisError(
            f"What is to stand in the place of one word has {len(edit.replacement):,} characters; at most {LONGEST:,} "
            "are taken here."
        )
    if not words_of(edit.replacement):
        raise AnalysisError(f"Type what is to stand in the place of “{shown(edit.word.text)}”, or drop the word.")


def _count(edit: Edit | None) -> int:
    """How many words stand in a word's place."""
    return 1 if edit is None else len(words_of(edit.replacement or ""))


def _rewritten(text: str, edits: Sequence[Edit]) -> str:
    """One text after its edits, given in its order; the last is made first, so that the others' places hold."""
    for edit in reversed(edits):
        left, right = text[: edit.word.start], text[edit.word.end :]
        if edit.replacement is None:
            text = _closed(left, right)
        else:
            text = _joined(_joined(left, edit.replacement.strip()), right)
    return text


def _closed(left: str, right: str) -> str:
    """Both sides of a dropped word without the gap that it leaves: the wider of the two white spaces stays.

    None stays at the ends of the text, before a full stop that was written close to the word, and the like.
    """
    before, after = left.rstrip(), right.lstrip()
    gaps = left[len(before) :], right[: len(right) - len(after)]
    close = (not gaps[1] and after.startswith(CLOSES)) or (not gaps[0] and before.endswith(OPENS))
    gap = "" if close or not before or not after else max(gaps, key=len)
    return _joined(before + gap, after)


def _joined(left: str, right: str) -> str:
    """One after the other, with a space between where words would run together."""
    apart = [word.text for word in (*words_of(left), *words_of(right))]
    together = [word.text for word in words_of(left + right)]
    return left + right if together == apart else f"{left} {right}"
