"""Whether a student head is a teacher head's heir: by rules that say how often chance would do as well.

verdicts(distances, within_teacher, origins).keys[0][3]  # "inherited": student layer 1, head 4
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.head_distances import HeadDistances, Matches, nearest, sibling_distances

VERDICTS = {
    "inherited": "nearest to the very head it was initialised from",
    "drifted": "another teacher head is nearer now, but it is still closer to that one or to its origin than by chance",
    "matched": "nearer to a teacher head than by chance; what it was initialised from is not known",
    "new": "no nearer to any teacher head, nor to the one it was initialised from, than by chance",
    "undecided": "the teacher has too few heads to tell a match from chance",
}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """For every student head a key of `VERDICTS`, [student layer][student head], and what it rests on.

    `origin_p`, `nearest_p` [student layer, student head]: how likely chance does as well, see `verdicts`; `origin_p` is
    None where `origins` is. `origins` [student layer]: the teacher layer that each layer began as, None if not known.
    `threshold` is the probability with which a head unrelated to the teacher's passes for a drifted or matched one.
    """

    keys: tuple[tuple[str, ...], ...]
    nearest: Matches
    origin_p: Array | None
    nearest_p: Array
    threshold: float
    origins: tuple[int, ...] | None
    n_teacher_heads: int

    def counts(self) -> dict[str, int]:
        """How many heads got each verdict, in the order of `VERDICTS`; those that none got are left out."""
        found = {key: sum(row.count(key) for row in self.keys) for key in VERDICTS}
        return {key: count for key, count in found.items() if count}

    def by_chance(self) -> dict[str, float]:
        """How many heads would at most get a verdict if none had anything to do with the teacher's heads."""
        heads = self.nearest_p.size
        return {
            "inherited": heads / self.n_teacher_heads,
            "drifted": heads * self.threshold,
            "matched": heads * self.threshold,
        }

    def in_origin_layer(self) -> int:
        """How many heads have their nearest in the teacher layer that their own layer began as."""
        return 0 if self.origins is None else int((self.nearest.layers == np.array(self.origins)[:, None]).sum())


def verdicts(
    distances: HeadDistances, within_teacher: HeadDistances, origins: Sequence[int] | None, threshold: float = 0.05
) -> Verdicts:
    """Inherited, drifted or new, for every student head, each against what chance does.

    Two questions are asked. Its origin: the teacher head of the same number in the layer that its layer was initialised
    from (`origins`); `origin_p` is the rank of its distance among those of all teacher heads, over their number. Were
    the teacher's heads shuffled, each would be as likely to be there. Its nearest: `nearest_p` is the share of heads,
    itself and the teacher's, whose nearest (other) teacher head is as near; a head that is just one more of the
    teacher's kind is at p or below with probability p.

    Inherited: the origin is the nearest of all teacher heads; an unrelated head passes 1 time in 144. Drifted: another
    is nearest, and one of the two p is at most half of `threshold`, so that an unrelated head passes with probability
    `threshold` at most. New: neither. Where `origins` is None there is one question, with the whole of `threshold`.
    `within_teacher` has the teacher's heads against each other on the same texts.
    """
    # Why not keys, rows or sentences shuffled: over many texts that asks whether two heads have anything in common, and
    # [CLS], [SEP] and frequent words are enough. Held against the teacher on other sentences of the same length, all
    # heads of a student of random weights passed, and so did all of one whose rows were scrambled.
    found, siblings = nearest(distances), sibling_distances(within_teacher)
    nearest_p = _as_near(siblings, found.distances)
    origin_p = None if origins is None else _origin_p(distances, origins)
    each = threshold if origins is None else threshold / 2  # Bonferroni: a drifted head has two chances
    if nearer_siblings(siblings.size, each) < 0:
        keys = np.full(found.layers.shape, "undecided")
    elif origins is None or origin_p is None:
        keys = np.where(nearest_p <= each, "matched", "new")
    else:
        own = (found.layers == np.array(origins)[:, None]) & (found.heads == np.arange(found.heads.shape[1]))
        close = np.minimum(nearest_p, origin_p) <= each
        keys = np.where(own, "inherited", np.where(close, "drifted", "new"))
    named = tuple(tuple(str(key) for key in row) for row in keys)
    known = None if origins is None else tuple(origins)
    return Verdicts(named, found, origin_p, nearest_p, threshold, known, siblings.size)


def ranks_within(n: int, threshold: float) -> int:
    """How many ranks among n are within the threshold, as a share of n: the last rank that passes.

    >>> ranks_within(144, 0.025)
    3
    """
    return int(np.sum(np.arange(1, n + 1) / n <= threshold))


def nearer_siblings(n_teacher_heads: int, threshold: float) -> int:
    """Of how many teacher heads the nearest fellow may be as near for `nearest_p` to be within the threshold; -1: none.

    >>> nearer_siblings(144, 0.025)
    2
    """
    return ranks_within(n_teacher_heads + 1, threshold) - 1


def _origin_p(distances: HeadDistances, origins: Sequence[int]) -> Array:
    layers, heads, _, teacher_heads = distances.values.shape
    if len(origins) != layers or heads != teacher_heads:
        raise ValueError(f"origins must name a layer of as many heads for each of {layers} layers of {heads} heads")
    values = distances.values.reshape(layers, heads, -1)
    own = origin_distances(distances, origins)
    return frozen(np.mean(values <= own[:, :, None], axis=-1))


def origin_distances(distances: HeadDistances, origins: Sequence[int]) -> Array:
    """[student layer, student head]: from each head to the one that it was initialised from."""
    layers, heads, *_ = distances.values.shape
    return frozen(
        distances.values[np.arange(layers)[:, None], np.arange(heads), np.array(origins)[:, None], np.arange(heads)]
    )


def _as_near(siblings: Array, observed: Array) -> Array:
    """The share of distances that are as small, the observed one counted in (Phipson & Smyth 2010).

    https://doi.org/10.2202/1544-6115.1585: a p-value is never zero.
    """
    counts = np.searchsorted(np.sort(siblings, axis=None), observed, side="right")
    return frozen((counts + 1) / (siblings.size + 1))
