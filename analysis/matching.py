"""Which head of the student attends like which head of the teacher, and is that better than chance?

    distances = head_distances(texts)  # an iterable of Sides: both models' maps of a text, over the same words
    nearest(distances).layers[0, 3]  # the teacher layer that student layer 1, head 4 resembles most

Distance is the Jensen–Shannon distance between rows of attention (Endres & Schindelin 2003,
https://doi.org/10.1109/TIT.2003.813506): the square root of the divergence in bits, 0 alike to 1 disjoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention import by_word, entropy_bits, on_shared_words
from analysis.pairs import Sides
from analysis.trace import Trace

# (student layers, teacher layers) -> the teacher layer that each student layer was initialised from: DistilBERT's
# training code (transformers' research project "distillation", scripts/extract_distilbert.py), and the embedded pair's
INITIALISED_FROM = {(6, 12): (0, 2, 4, 7, 9, 11)}

VERDICTS = {
    "inherited": "nearest to the very head it was initialised from",
    "drifted": "nearest to another teacher head than the one it was initialised from",
    "matched": "near to a teacher head; what it was initialised from is not known",
    "new": "no nearer to any teacher head than the teacher's heads are to each other",
    "undecided": "the teacher has too few heads to tell a match from chance",
}


@dataclass(frozen=True, slots=True)
class HeadDistances:
    """Mean distance [student layer, student head, teacher layer, teacher head], 0 to 1.

    Every row (query) of every text weighs the same; there were `n_rows` of them in `n_texts`.
    """

    values: Array
    n_rows: int
    n_texts: int

    def transposed(self) -> HeadDistances:
        """The same seen from the teacher: the two models have changed places."""
        return HeadDistances(frozen(self.values.transpose(2, 3, 0, 1)), self.n_rows, self.n_texts)


@dataclass(frozen=True, slots=True)
class Matches:
    """For every student head a teacher head: `layers`, `heads`, `distances`, each [student layer, student head].

    -1 and NaN where there is none: one to one, a teacher with fewer heads leaves some of the student's without.
    """

    layers: Array
    heads: Array
    distances: Array


@dataclass(frozen=True, slots=True)
class Verdicts:
    """For every student head a key of `VERDICTS`, [student layer][student head], and what it rests on.

    `origin_p`, `nearest_p` [student layer, student head]: how likely chance does as well, see `verdicts`; `origin_p` is
    None where `origins` is. `origins` [student layer]: the teacher layer that each layer began as, None if not known.
    """

    keys: tuple[tuple[str, ...], ...]
    nearest: Matches
    origin_p: Array | None
    nearest_p: Array
    threshold: float
    origins: tuple[int, ...] | None


def head_distances(texts: Iterable[Sides[Array]]) -> HeadDistances:
    """All heads of both models compared, in float64. One text is held at a time.

    A text is both models' weights [layer, head, query, key] over the same words, [CLS] and [SEP] included.
    """
    total, n_rows, n_texts = np.zeros(()), 0, 0
    for maps in texts:
        teacher, student = _rows(maps)
        total = total + _summed_distances(student, teacher)
        n_rows += student.shape[1]
        n_texts += 1
    if not n_texts:
        raise ValueError("texts must have at least one text")
    shape = (*maps.student.shape[:2], *maps.teacher.shape[:2])
    return HeadDistances(frozen((total / n_rows).reshape(shape)), n_rows, n_texts)


def nearest(distances: HeadDistances) -> Matches:
    """For every student head the teacher head at the smallest distance; several may share one."""
    layers, heads, *_ = distances.values.shape
    return _matches(distances, distances.values.reshape(layers, heads, -1).argmin(axis=-1).ravel())


def closest(own: Array, others: Array) -> tuple[tuple[int, int], float]:
    """Layer and head of the map among `others` [layer, head, query, key] that is nearest to `own` [query, key].

    With the distance between the two.
    """
    found = nearest(head_distances([Sides(others, own[None, None])]))
    return (int(found.layers[0, 0]), int(found.heads[0, 0])), float(found.distances[0, 0])


def one_to_one(distances: HeadDistances) -> Matches:
    """Each teacher head for one student head at most, with the smallest sum of distances (the Hungarian method)."""
    from scipy.optimize import linear_sum_assignment

    layers, heads, *_ = distances.values.shape
    chosen = np.full(layers * heads, -1)
    students, teachers = linear_sum_assignment(distances.values.reshape(layers * heads, -1))
    chosen[students] = teachers
    return _matches(distances, chosen)


def initialised_from(distances: HeadDistances) -> tuple[int, ...] | None:
    """The teacher layer (from 0) that each student layer began as, head by head; None where that is not known."""
    layers, heads, teacher_layers, teacher_heads = distances.values.shape
    return INITIALISED_FROM.get((layers, teacher_layers)) if heads == teacher_heads else None


def sibling_distances(within: HeadDistances) -> Array:
    """[layer, head]: from each head of a model to the nearest other head of it; `within` holds it against itself."""
    layers, heads, *_ = within.values.shape
    values = within.values.reshape(layers * heads, -1).copy()
    np.fill_diagonal(values, np.inf)
    return frozen(values.min(axis=1).reshape(layers, heads))


def verdicts(
    distances: HeadDistances, within_teacher: HeadDistances, origins: Sequence[int] | None, threshold: float = 0.05
) -> Verdicts:
    """Inherited, drifted or new, for every student head, each against what chance does.

    Inherited: of all teacher heads, the nearest is the one of the same number in the layer that its layer was
    initialised from (`origins`). `origin_p` is the rank of that head among all teacher heads over their number: were
    the teacher's heads shuffled, each would be as likely to be there, so an unrelated head passes 1 time in 144.
    Drifted: nearest to another, and nearer than the teacher's heads are to each other. `nearest_p` is the share of
    heads, itself and the teacher's, whose nearest (other) teacher head is as near: a head that is just one more of
    their kind passes with probability `threshold`. New: neither. Where `origins` is None only the second is asked.
    `within_teacher` is `head_distances` of the teacher with itself on the same texts.
    """
    # Why not keys or the identity of heads shuffled: with enough texts that asks whether two heads have anything in
    # common, and [CLS], [SEP] and frequent words are enough. A student with scrambled attention passed it everywhere.
    found = nearest(distances)
    nearest_p = _as_near(sibling_distances(within_teacher), found.distances)
    origin_p = None if origins is None else _origin_p(distances, origins)
    if 1 / sibling_distances(within_teacher).size > threshold:
        keys = np.full(found.layers.shape, "undecided")
    elif origins is None or origin_p is None:
        keys = np.where(nearest_p <= threshold, "matched", "new")
    else:
        own = (found.layers == np.array(origins)[:, None]) & (found.heads == np.arange(found.heads.shape[1]))
        keys = np.where(own, "inherited", np.where(nearest_p <= threshold, "drifted", "new"))
    named = tuple(tuple(str(key) for key in row) for row in keys)
    return Verdicts(named, found, origin_p, nearest_p, threshold, None if origins is None else tuple(origins))


def _origin_p(distances: HeadDistances, origins: Sequence[int]) -> Array:
    layers, heads, _, teacher_heads = distances.values.shape
    if len(origins) != layers or heads != teacher_heads:
        raise ValueError(f"origins must name a layer of as many heads for each of {layers} layers of {heads} heads")
    values = distances.values.reshape(layers, heads, -1)
    own = distances.values[np.arange(layers)[:, None], np.arange(heads), np.array(origins)[:, None], np.arange(heads)]
    return frozen(np.mean(values <= own[:, :, None], axis=-1))


def _as_near(siblings: Array, observed: Array) -> Array:
    """The share of distances that are as small, the observed one counted in (Phipson & Smyth 2010).

    https://doi.org/10.2202/1544-6115.1585: a p-value is never zero.
    """
    counts = np.searchsorted(np.sort(siblings, axis=None), observed, side="right")
    return frozen((counts + 1) / (siblings.size + 1))


def _rows(maps: Sides[Array]) -> Sides[Array]:
    """Each side as [head, query, key] in float64, the heads of all layers in a row."""
    teacher, student = maps
    if teacher.shape[2:] != student.shape[2:]:
        raise ValueError(f"maps are over the same words, not {teacher.shape[2:]} and {student.shape[2:]}")
    return maps.map(lambda weights: weights.reshape(-1, *weights.shape[2:]).astype(np.float64))


def _summed_distances(student: Array, teacher: Array) -> Array:
    """[student head, teacher head]: Jensen–Shannon distance summed over queries.

    The divergence is H(mean) - mean of H, so of a pair only H(mean) is computed; one student head at a time is held
    against all of the teacher's, which fits a processor's cache.
    """
    own, others = entropy_bits(student), entropy_bits(teacher)  # [head, query]
    divergences = (
        entropy_bits((student[head] + teacher) / 2) - (own[head] + others) / 2  # [teacher head, query]
        for head in range(len(student))
    )
    return np.stack([np.sqrt(divergence.clip(0, 1)).sum(axis=-1) for divergence in divergences])


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


@dataclass(frozen=True, slots=True)
class HeadMatching:
    """All heads of a pair matched on one text; `nearest` has for each side the nearest heads of the other."""

    distances: HeadDistances
    verdicts: Verdicts
    nearest: Sides[Matches]


def match_heads(traces: Sides[Trace]) -> HeadMatching:
    """Every head of both models matched on the words of one text, [CLS] and [SEP] included."""
    maps = on_shared_words(traces.map(lambda trace: by_word(trace.attentions, trace.tokens)))
    weights = maps.map(lambda map_: map_.weights)
    distances = head_distances([weights])
    within = head_distances([Sides(weights.teacher, weights.teacher)])
    judged = verdicts(distances, within, initialised_from(distances))
    return HeadMatching(distances, judged, Sides(nearest(distances.transposed()), judged.nearest))
