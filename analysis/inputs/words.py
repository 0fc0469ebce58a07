"""Words: where two models with different tokenizers meet.

A cased and an uncased checkpoint cut the same text into different pieces, so their tokens cannot be matched by index.
Each token does know which characters it covers; a word is a stretch of characters that no BERT tokenizer cuts across.
Where a tokenizer does, as for an added token “new york”, the words are joined for both models: every token of either
lies within exactly one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SPECIAL = re.compile(r"\[(?:CLS|SEP|MASK|PAD|UNK)\]")
# The blocks that BERT's tokenizer sets apart, character by character, as the tokenizers library has them: it leaves out
# U+2B820 to U+2B91F, which Google's tokenization.py sets apart too.
IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
LATER_MARKS = "\u061c\u2066\u2067\u2068\u2069"  # of direction: newer than Unicode 3.2, yet known to tokenizers


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of one text: `source[start:end] == text`. `field` is 0 in the first text, 1 in the second."""

    text: str
    start: int
    end: int
    field: int = 0


def words_of(text: str, field: int = 0) -> tuple[Word, ...]:
    """The words of a text in reading order: runs of letters, single punctuation marks, single ideographs, [MASK].

    >>> [word.text for word in words_of("Don't panic, [MASK]!")]
    ['Don', "'", 't', 'panic', ',', '[MASK]', '!']

    Invisible characters, which tokenizers delete, are in a word only where they stand inside one.
    """
    words: list[Word] = []
    position = 0
    while position < len(text):
        end = _end_of_word(text, position)
        visible = [place for place in range(position, end) if is_visible(text[place])]
        if visible:
            start, stop = visible[0], visible[-1] + 1
            words.append(Word(text[start:stop], start, stop, field))
        position = end
    return tuple(words)


def words_of_all(texts: tuple[str, ...]) -> tuple[Word, ...]:
    """The words of one or two texts, one after the other."""
    return tuple(word for field, text in enumerate(texts) for word in words_of(text, field))


def joined(words: Sequence[Word], spans: Iterable[tuple[int, int]], texts: Sequence[str]) -> tuple[Word, ...]:
    """The words, one of all those from the first to the last of each span, which are numbers of words of one text."""
    inner = {place for first, last in spans for place in range(first + 1, last + 1)}
    starts = [place for place in range(len(words)) if place not in inner]
    ends = [(words[first], words[after - 1]) for first, after in pairwise([*starts, len(words)])]
    return tuple(
        Word(texts[first.field][first.start : last.end], first.start, last.end, first.field) for first, last in ends
    )


def place_of(word: Word, words: Sequence[Word]) -> int | None:
    """The number of the word that is this one or holds it, as joined words hold others; None if there is none."""
    return next(
        (place for place, one in enumerate(words) if one.field == word.field and one.start <= word.start < one.end),
        None,
    )


def _end_of_word(text: str, start: int) -> int:
    special = SPECIAL.match(text, start)
    if special:
        return special.end()
    if _stands_alone(text[start]):
        return start + 1
    end = start + 1
    while end < len(text) and not _stands_alone(text[end]) and not SPECIAL.match(text, end):
        end += 1
    return end


def is_visible(character: str) -> bool:
    """False for white space and for what tokenizers delete: control, format and private characters."""
    return character not in LATER_MARKS and _category(character)[0] not in "CZ"


def half_pair(text: str) -> int:
    """Which character, counted from 1, is half of a surrogate pair, which nothing can show or send; 0 if none is."""
    return next((number for number, character in enumerate(text, 1) if "\ud800" <= character <= "\udfff"), 0)


def _stands_alone(character: str) -> bool:
    """True for white space, punctuation in BERT's sense (every ASCII symbol too) and ideographs."""
    code = ord(character)
    if code < 128:
        return not (character.isalnum() or (code < 32 and character not in "\t\n\r") or code == 127)
    return _category(character)[0] in "PZ" or any(first <= code <= last for first, last in IDEOGRAPHS)


def _category(character: str) -> str:
    """The character's Unicode category; that of a letter for one unknown to Unicode 3.2.

    Tokenizers carry older Unicode tables than Python and take for a letter what they do not know.
    """
    known = unicodedata.ucd_3_2_0.category(character) != "Cn"
    return unicodedata.category(character) if known else "Lo"
