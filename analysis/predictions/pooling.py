"""One answer to a long text from those to its windows.

Outputs for the whole input are pooled: the mean log-probability over all windows, weighted by their words.
Log-probabilities are logits less a number of the window's own, which no softmax sees; of labels that each hold or not,
it is the logit between both. So it is the logits whose mean is taken, for numbers too. Of outputs for each word, that
of one window counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.models.forward import Reading
from analysis.models.tokens import Tokens


@dataclass(frozen=True, slots=True)
class ByWindow:
    """What a model gives for each window of a long text by itself.

    `field`: the text that is read in windows; `stretches` [window, 2]: the characters of it where a window begins and
    ends; `words` [window]: how many of its words that is; `logits` [window, output].
    """

    field: int
    stretches: Array
    words: Array
    logits: Array

    def __len__(self) -> int:
        return len(self.logits)

    def place(self, window: int) -> tuple[int, int, int]:
        """Field, start and end of a window."""
        start, end = self.stretches[window].tolist()
        return self.field, start, end


def by_window(readings: tuple[Reading, ...]) -> ByWindow | None:
    """The readings of a long text; None of a text that is read at once."""
    words = readings[0].tokens.words
    stretches = [reading.tokens.stretch for reading in readings if reading.tokens.stretch]
    if not stretches:
        return None
    return ByWindow(
        field=words[stretches[0][0]].field,
        stretches=frozen([(words[first].start, words[behind - 1].end) for first, behind in stretches], "int64"),
        words=frozen([behind - first for first, behind in stretches], "int64"),
        logits=frozen(np.stack([reading.logits for reading in readings])),
    )


def pooled(readings: tuple[Reading, ...]) -> Array:
    """The logits [output] of all windows together; those of the text itself where it is read at once."""
    windows = by_window(readings)
    if windows is None:
        return readings[0].logits
    return frozen(np.average(windows.logits.astype(np.float64), axis=0, weights=windows.words))


def first_pieces(readings: tuple[Reading, ...]) -> tuple[Array, Array]:
    """The numbers of the words that are read [word read], and the logits [word read, label] of the first piece of each.

    Not every word is read: some tokenizers delete a lone accent. Of the windows that hold a word, the one that shows
    most of the text on both sides of it counts, as in BERT's SQuAD script ("max context").
    """
    words, rows, context = [], [], []
    for reading in readings:
        numbers, first = np.unique(reading.tokens.word_ids, return_index=True)
        read = numbers >= 0
        words.append(numbers[read])
        rows.append(reading.logits[first[read]])
        context.append(_words_around(numbers[read], reading.tokens))
    every, most = np.concatenate(words), np.concatenate(context)
    order = np.lexsort((-most, every))  # by word, and for each the window with most around it first
    once, first = np.unique(every[order], return_index=True)
    return once, np.concatenate(rows)[order[first]]


def _words_around(numbers: Array, tokens: Tokens) -> Array:
    """For each word, how many stand between it and the nearer end of its window.

    That the text is not cut where it begins and ends changes no choice: the window beside has fewer words there.
    """
    first, behind = tokens.stretch or (0, len(tokens.words))
    return np.asarray(np.minimum(numbers - first, behind - 1 - numbers))
