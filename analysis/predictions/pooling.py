"""One answer to a long text from those to its windows: how outputs for the whole input are pooled.

The mean log-probability over all windows, weighted by their words. Log-probabilities are logits less a number of the
window's own, which no softmax sees; of labels that each hold or not, it is the logit between both. So the mean of the
logits is pooled, for numbers too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.models.forward import Reading


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
