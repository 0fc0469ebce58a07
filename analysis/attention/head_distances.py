"""How differently two heads attend, and which head of one model is nearest to which of the other.

    distances = head_distances(texts)  # an iterable of Sides: both models' maps of a text, over the same words
    nearest(distances).layers[0, 3]  # the teacher layer that student layer 1, head 4 resembles most

Distance is the Jensen–Shannon distance between rows of attention (Endres & Schindelin 2003,
https://doi.org/10.1109/TIT.2003.813506): the square root of the divergence in bits, 0 alike to 1 disjoint.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from analysis.arrays import Array, frozen
from analysis.models.pairs import Sides
from analysis.statistics import TINY


@dataclass(frozen=True, slots=True)
class HeadDistances:
    """Mean distance [student layer, student head, teacher layer, teacher head], 0 to 1.

    Every row (query) of every text weighs the same; there were `n_rows` of them in `n_texts`. The distances of two sets
    of texts add up to those of both sets together.
    """

    values: Array
    n_rows: int
    n_texts: int

    def __add__(self, other: HeadDistances) -> HeadDistances:
        n_rows = self.n_rows + other.n_rows
        values = (self.values * self.n_rows + other.values * other.n_rows) / n_rows
        return HeadDistances(frozen(values), n_rows, self.n_texts + other.n_texts)


NEGATIVE_BITS = np.float32(-1 / np.log(2))  # in a nat
NOTHING = HeadDistances(frozen(0.0), n_rows=0, n_texts=0)  # to begin a sum with


@dataclass(frozen=True, slots=True)
class Matches:
    """For every student head a teacher head: `layers`, `heads`, `distances`, each [student layer, student head].

    -1 and NaN where there is none: one to one, a teacher with fewer heads leaves some of the student's without.
    """

    layers: Array
    heads: Array
    distances: Array


def head_distances(texts: Iterable[Sides[Array]]) -> HeadDistances:
    """All heads of both models compared, one text in memory at a time.

    A text is both models' weights [layer, head, query, key] over the same words. See `between` for the precision.
    """
    return _of_some_text(reduce(operator.add, (between(maps) for maps in texts), NOTHING))


def across_and_within(texts: Iterable[Sides[Array]]) -> tuple[HeadDistances, HeadDistances]:
    """`head_distances`, and those of the teacher's heads from each other; each text is taken once."""
    across, inside = NOTHING, NOTHING
    for maps in texts:
        across, inside = across + between(maps), inside + within(maps.teacher)
    return _of_some_text(across), inside


def between(maps: Sides[Array]) -> HeadDistances:
    """All heads of both models compared on one text.

    In float32: within 0.0001 of float64 for distances above 0.05, and within 0.001 below.
    """
    teacher, student = maps
    if teacher.shape[2:] != student.shape[2:]:
        raise ValueError(f"maps are over the same words, not {teacher.shape[2:]} and {student.shape[2:]}")
    others = _rows(teacher)
    sums = [_summed_distances(*head, *others) for head in zip(*_rows(student), strict=True)]
    return _mean(np.stack(sums), maps)  # one head at a time against all others: that fits a processor's cache


def within(weights: Array) -> HeadDistances:
    """A model's heads compared with each other on one text: `between` it and itself, at half the cost."""
    halves, bits = _rows(weights)
    sums = np.zeros((len(halves), len(halves)))
    for head in range(len(halves)):
        sums[head, head:] = _summed_distances(halves[head], bits[head], halves[head:], bits[head:])
    return _mean(np.maximum(sums, sums.T), Sides(weights, weights))


def nearest(distances: HeadDistances) -> Matches:
    """For every student head the teacher head at the smallest distance; several may share one."""
    layers, heads, *_ = distances.values.shape
    return _matches(distances, distances.values.reshape(layers, heads, -1).argmin(axis=-1).ravel())


def closest(own: Array, others: Array) -> tuple[tuple[int, int], float]:
    """Layer and head of the map among `others` [layer, head, query, key] that is nearest to `own` [query, key].

    With the distance between the two.
    """
    match = nearest(head_distances([Sides(others, own[None, None])]))
    return (int(match.layers[0, 0]), int(match.heads[0, 0])), float(match.distances[0, 0])


def one_to_one(distances: HeadDistances) -> Matches:
    """Each teacher head for one student head at most, with the smallest sum of distances (the Hungarian method)."""
    from scipy.optimize import linear_sum_assignment

    layers, heads, *_ = distances.values.shape
    chosen = np.full(layers * heads, -1)
    students, teachers = linear_sum_assignment(distances.values.reshape(layers * heads, -1))
    chosen[students] = teachers
    return _matches(distances, chosen)


def nearest_other_distances(within_model: HeadDistances) -> Array:
    """[layer, head]: from each head of a model to the nearest other one, by the distances within that model."""
    layers, heads, *_ = within_model.values.shape
    values = within_model.values.reshape(layers * heads, -1).copy()
    np.fill_diagonal(values, np.inf)
    return frozen(values.min(axis=1).reshape(layers, heads))


def _of_some_text(distances: HeadDistances) -> HeadDistances:
    if not distances.n_texts:
        raise ValueError("texts must have at least one text")
    return distances


def _rows(weights: Array) -> tuple[Array, Array]:
    """Half of each weight [head of all layers, query, key], never 0, and each row's entropy in bits [head, query].

    The mean of two rows is the sum of their halves, and without zeros a logarithm can be taken.
    """
    halves = (weights.reshape(-1, *weights.shape[2:]) * np.float32(0.5) + TINY).astype(np.float32, copy=False)
    return halves, _entropy_bits(halves + halves)


def _entropy_bits(rows: Array) -> Array:
    nats = np.einsum("...k,...k->...", rows, np.log(rows))  # NumPy's log2 takes twice as long in float32
    return np.asarray(nats * NEGATIVE_BITS)


def _summed_distances(halves: Array, bits: Array, other_halves: Array, other_bits: Array) -> Array:
    """[head]: Jensen–Shannon distances of one head [query, key] from others [head, query, key], summed over queries.

    The divergence is H(mean) - mean of H, so of each pair only H(mean) is computed.
    """
    divergences = _entropy_bits(halves + other_halves) - (bits + other_bits) / 2  # [head, query]
    return np.asarray(np.sqrt(divergences.clip(0, 1)).sum(axis=-1, dtype=np.float64))


def _mean(sums: Array, maps: Sides[Array]) -> HeadDistances:
    """`sums` [student head, teacher head] over the rows of one text."""
    shape, n_rows = (*maps.student.shape[:2], *maps.teacher.shape[:2]), maps.student.shape[2]
    return HeadDistances(frozen((sums / n_rows).reshape(shape)), n_rows, n_texts=1)


def _matches(distances: HeadDistances, chosen: Array) -> Matches:
    """`chosen` [student head of all layers]: a teacher head of all layers, or -1 for none."""
    layers, heads, _, teacher_heads = distances.values.shape
    has_one = chosen >= 0
    values = distances.values.reshape(layers * heads, -1)[np.arange(len(chosen)), chosen]
    return Matches(
        layers=frozen(np.where(has_one, chosen // teacher_heads, -1).reshape(layers, heads)),
        heads=frozen(np.where(has_one, chosen % teacher_heads, -1).reshape(layers, heads)),
        distances=frozen(np.where(has_one, values, np.nan).reshape(layers, heads)),
    )
