"""The part of a long text that an answer rests on and that both models read at once, to look inside them on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens

Place = tuple[int, int]  # start and end, in characters


def with_stretch(example: Example, windows: Sides[tuple[Tokens, ...]], rests_on: tuple[int, int, int]) -> Example:
    """The example with only the whole words of one text that lie in one window of each model, around a place in it.

    `rests_on`: field, start and end of the place. Of the windows that hold it, the one where it is farthest from both
    ends; if none does, the one that holds most of it.
    """
    field, *ends = rests_on
    place = (ends[0], ends[1])
    stretches = [max((_stretch(one, field) for one in of_one), key=lambda it: _middle(it, place)) for of_one in windows]
    start, end = max(first for first, _ in stretches), min(last for _, last in stretches)
    words = [word for word in windows.teacher[0].words if word.field == field]
    inside = [word for word in words if start <= word.start and word.end <= end] or [
        word for word in words if place[0] <= word.start < place[1]
    ]
    part = example.texts[field][inside[0].start : inside[-1].end]
    return replace(example, **{("text", "text_pair")[field]: part})


def _stretch(tokens: Tokens, field: int) -> Place:
    """Where one of the texts of a window begins and ends."""
    places = np.flatnonzero(tokens.fields == field)
    return int(tokens.offsets[places[0], 0]), int(tokens.offsets[places[-1], 1])


def _middle(stretch: Place, place: Place) -> int:
    """Characters from a place to the nearer end of a stretch; below 0 where the place goes beyond it."""
    return min(place[0] - stretch[0], stretch[1] - place[1])
