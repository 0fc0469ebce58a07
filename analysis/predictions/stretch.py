"""The part of a long context that holds an answer and that both models read at once, to look inside them on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens
from analysis.predictions.question_answering import CONTEXT, Answer


def with_stretch(example: Example, windows: Sides[tuple[Tokens, ...]], answer: Answer) -> Example:
    """The example with only the whole words of its context that lie in one window of each model, around the answer.

    Of the windows that hold the answer, the one where it is farthest from both ends; if none does, the one that holds
    most of it.
    """
    stretches = [max(map(_stretch, of_one), key=lambda ends: _middle(ends, answer)) for of_one in windows]
    start, end = max(first for first, _ in stretches), min(last for _, last in stretches)
    words = [word for word in windows.teacher[0].words if word.field == CONTEXT]
    inside = [word for word in words if start <= word.start and word.end <= end] or [
        word for word in words if answer.start <= word.start < answer.end
    ]
    return replace(example, text_pair=(example.text_pair or "")[inside[0].start : inside[-1].end])


def _stretch(tokens: Tokens) -> tuple[int, int]:
    """Where the context of a window begins and ends, in characters."""
    places = np.flatnonzero(tokens.fields == CONTEXT)
    return int(tokens.offsets[places[0], 0]), int(tokens.offsets[places[-1], 1])


def _middle(ends: tuple[int, int], answer: Answer) -> int:
    """Characters from the answer to the nearer end of a stretch; below 0 where the answer goes beyond it."""
    return min(answer.start - ends[0], ends[1] - answer.end)
