"""Attention maps of made-up heads."""

from collections.abc import Sequence

import numpy as np

from analysis.arrays import Array
from analysis.attention.head_distances import HeadDistances, head_distances
from analysis.models.pairs import Sides


def random_map(layers: int, heads: int, words: int, seed: int | Sequence[int], concentration: float = 0.3) -> Array:
    rows = np.random.default_rng(seed).dirichlet(np.full(words, concentration), size=(layers, heads, words))
    return rows.astype(np.float32)


def random_texts(
    teacher: tuple[int, int] = (4, 3), student: tuple[int, int] = (2, 3), lengths: Sequence[int] = (5, 8), seed: int = 0
) -> list[Sides[Array]]:
    return [
        Sides(random_map(*teacher, words, (seed, 0, words)), random_map(*student, words, (seed, 1, words)))
        for words in lengths
    ]


def within(texts: Sequence[Sides[Array]]) -> HeadDistances:
    return head_distances(Sides(maps.teacher, maps.teacher) for maps in texts)


def copied(
    texts: Sequence[Sides[Array]], layers: Sequence[int], amount: float = 0.0, seed: int = 5
) -> list[Sides[Array]]:
    """Texts whose student is made of these layers of the teacher, with so much of a random head mixed in."""
    return [
        Sides(
            maps.teacher,
            (1 - amount) * maps.teacher[list(layers)]
            + amount
            * random_map(len(layers), maps.teacher.shape[1], maps.teacher.shape[2], (seed, maps.teacher.shape[2])),
        )
        for maps in texts
    ]
