"""Attention maps of made-up heads."""

import numpy as np

from analysis.attention.head_distances import head_distances
from analysis.models.pairs import Sides


def random_map(layers, heads, words, seed, concentration=0.3):
    rows = np.random.default_rng(seed).dirichlet(np.full(words, concentration), size=(layers, heads, words))
    return rows.astype(np.float32)


def random_texts(teacher=(4, 3), student=(2, 3), lengths=(5, 8), seed=0):
    return [
        Sides(random_map(*teacher, words, (seed, 0, words)), random_map(*student, words, (seed, 1, words)))
        for words in lengths
    ]


def within(texts):
    return head_distances(Sides(maps.teacher, maps.teacher) for maps in texts)


def copied(texts, layers, amount=0.0, seed=5):
    """Texts whose student is made of these layers of the teacher, with so much of a random head mixed in."""
    return [
        Sides(
            maps.teacher,
            (1 - amount) * maps.teacher[list(layers)]
            + amount * random_map(len(layers), *maps.teacher.shape[1:3], (seed, maps.teacher.shape[2])),
        )
        for maps in texts
    ]
