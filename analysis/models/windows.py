"""Which words of a long text stand in one window, the same for both models of a pair, whatever either makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.inputs.words import Word
from analysis.wording import shown

WINDOW_OVERLAP = 128  # tokens shared by neighbouring windows, as in BERT's SQuAD script
FEWEST_TOKENS = 8  # a window with less room than this beside a whole second text would say nothing of the long one

Stretch: TypeAlias = tuple[int, int]  # the number of its first word, and of the first word behind it


@dataclass(frozen=True, slots=True)
class Reader:
    """How much of an example a model takes at once: `tokens` [word], those `added` around them, and the `most` of all.

    `name` is the checkpoint's.
    """

    name: str
    tokens: Array
    added: int
    most: int

    @property
    def reads_all(self) -> bool:
        return self.added + int(self.tokens.sum()) <= self.most


def stretches(words: Sequence[Word], readers: Sequence[Reader]) -> tuple[Stretch, ...]:
    """The stretches of the longer text that all readers read at once, together with the whole of the other text if any.

    Neighbours share as many whole words as `WINDOW_OVERLAP` tokens have, or half a window if that is less. Raises
    `AnalysisError` where there is no room for that, because the other text is long too, or a single word is.
    """
    first, behind = _longer(words)
    rooms = [_room(reader, slice(first, behind)) for reader in readers]
    for reader, room in zip(readers, rooms, strict=True):
        if (behind - first) < len(words) and room < FEWEST_TOKENS:
            raise AnalysisError(
                f"The shorter text has {reader.most - reader.added - room:,} tokens; {reader.name} reads at most "
                f"{reader.most:,} together with the longer one. Shorten it."
            )
        _check_words(words, reader, room, range(first, behind))
    ends = [np.concatenate([[0], np.cumsum(reader.tokens[first:behind])]) for reader in readers]
    return tuple((first + start, first + end) for start, end in _covering(ends, rooms))


def _longer(words: Sequence[Word]) -> Stretch:
    """The text with more words, the second if both have as many."""
    fields = [word.field for word in words]
    second = fields.index(1) if 1 in fields else len(fields)
    return (0, second) if second > len(fields) - second else (second, len(fields))


def _room(reader: Reader, long: slice) -> int:
    return reader.most - reader.added - int(reader.tokens.sum() - reader.tokens[long].sum())


def _check_words(words: Sequence[Word], reader: Reader, room: int, long: range) -> None:
    longest = max(long, key=lambda place: int(reader.tokens[place]))
    if reader.tokens[longest] > room:
        raise AnalysisError(
            f"The word “{shown(words[longest].text, 20)}” has {reader.tokens[longest]:,} tokens; {reader.name} has "
            f"room for {max(room, 0):,}. Shorten it."
        )


def _covering(ends: Sequence[Array], rooms: Sequence[int]) -> list[Stretch]:
    """Stretches, each as long as fits into every room; `ends` [word + 1] are the tokens up to each word."""
    count = len(ends[0]) - 1
    found = [(0, _reach(ends, rooms, 0))]
    while found[-1][1] < count:
        start = _next_start(ends, rooms, *found[-1])
        found.append((start, _reach(ends, rooms, start)))
    return found


def _reach(ends: Sequence[Array], rooms: Sequence[int], start: int) -> int:
    """The last word that still fits, and one more: the end of the stretch from `start`."""
    return min(int(np.searchsorted(end, end[start] + room, "right")) - 1 for end, room in zip(ends, rooms, strict=True))


def _next_start(ends: Sequence[Array], rooms: Sequence[int], start: int, behind: int) -> int:
    """The first word that the overlap leaves room for and that reaches beyond the stretch before."""
    least = [
        max(end[behind] - min(WINDOW_OVERLAP, room // 2), end[behind + 1] - room)
        for end, room in zip(ends, rooms, strict=True)
    ]
    return max(start + 1, *(int(np.searchsorted(end, tokens)) for end, tokens in zip(ends, least, strict=True)))
