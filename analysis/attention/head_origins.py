"""Where a student head comes from: inherited, drifted or new, by rules that say how often chance does as well.

head_origins(distances, within_teacher, initialised_from).keys[0][3]  # "inherited": student layer 1, head 4
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.head_distances import HeadDistances, Matches, nearest, nearest_other_distances

ORIGINS = {
    "inherited": "nearest to the very head it was initialised from",
    "drifted": "another teacher head is nearer now, but it is still closer to that one or to its origin than by chance",
    "matched": "nearer to a teacher head than by chance; what it was initialised from is not known",
    "new": "no nearer to any teacher head, nor to the one it was initialised from, than by chance",
    "undecided": "the teacher has too few heads to tell a match from chance",
}


@dataclass(frozen=True, slots=True)
class HeadOrigins:
    """For every student head a key of `ORIGINS`, `keys` [student layer][student head], and the evidence for it.

    `origin_p`, `nearest_p` [student layer, student head]: how likely chance does as well, see `head_origins`;
    `origin_p` is None where `initialised_from` is. `initialised_from` [student layer]: the teacher layer that each
    layer was initialised from, None if not known. `threshold` is the probability with which a head
    unrelated to the teacher's passes for a drifted or matched one.
    """

    keys: tuple[tuple[str, ...], ...]
    nearest: Matches
    origin_p: Array | None
    nearest_p: Array
    threshold: float
    initialised_from: tuple[int, ...] | None
    n_teacher_heads: int

    def counts(self) -> dict[str, int]:
        """How many heads have each origin, in the order of `ORIGINS`; origins that no head has are left out."""
        counts = {key: sum(row.count(key) for row in self.keys) for key in ORIGINS}
        return {key: count for key, count in counts.items() if count}

    def by_chance(self) -> dict[str, float]:
        """How many heads would at most have each origin if none had anything to do with the teacher's heads."""
        heads = self.nearest_p.size
        return {
            "inherited": heads / self.n_teacher_heads,
            "drifted": heads * self.threshold,
            "matched": heads * self.threshold,
        }

    def in_origin_layer(self) -> int:
        """How many heads are nearest to a head of the teacher layer that their own layer was initialised from."""
        return (
            0
            if self.initialised_from is None
            else int((self.nearest.layers == np.array(self.initialised_from)[:, None]).sum())
        )


def head_origins(
    distances: HeadDistances,
    within_teacher: HeadDistances,
    initialised_from: Sequence[int] | None,
    threshold: float = 0.05,
) -> HeadOrigins:
    """Inherited, drifted or new, for every student head, each against what chance does.

    Two tests are made. The first is about its origin, the teacher head of the same number in the layer that its layer
    was initialised from (`initialised_from`): `origin_p` is the rank of its distance among those of all teacher heads,
    over their number. If the teacher's heads were shuffled, each would be as likely to be there. The second is about
    its nearest teacher head: `nearest_p` is the share of heads, itself and the teacher's, whose nearest (other) teacher
    head is as near; a head that is just one more of the teacher's kind is at p or below with probability p.

    Inherited: the origin is the nearest of all teacher heads; an unrelated head passes 1 time in 144. Drifted: another
    is nearest, and one of the two p is at most half of `threshold`, so that an unrelated head passes with probability
    `threshold` at most. New: neither. If `initialised_from` is None there is only the second test, with the
    whole of `threshold`. `within_teacher` has the teacher's heads against each other on the same texts.
    """
    # Why not keys, rows or sentences shuffled: over many texts that asks whether two heads have anything in common, and
    # [CLS], [SEP] and frequent words are enough. Held against the teacher on other sentences of the same length, all
    # heads of a student of random weights passed, and so did all of one whose rows were scrambled.
    matches, own_distances = nearest(distances), nearest_other_distances(within_teacher)
    nearest_p = _as_near(own_distances, matches.distances)
    origin_p = None if initialised_from is None else _origin_p(distances, initialised_from)
    each = threshold if initialised_from is None else threshold / 2  # Bonferroni: a drifted head has two chances
    if nearer_heads_allowed(own_distances.size, each) < 0:
        keys = np.full(matches.layers.shape, "undecided")
    elif initialised_from is None or origin_p is None:
        keys = np.where(nearest_p <= each, "matched", "new")
    else:
        heads = matches.heads.shape[1]
        own = (matches.layers == np.array(initialised_from)[:, None]) & (matches.heads == np.arange(heads))
        close = np.minimum(nearest_p, origin_p) <= each
        keys = np.where(own, "inherited", np.where(close, "drifted", "new"))
    named = tuple(tuple(str(key) for key in row) for row in keys)
    known = None if initialised_from is None else tuple(initialised_from)
    return HeadOrigins(named, matches, origin_p, nearest_p, threshold, known, own_distances.size)


def ranks_within(n: int, threshold: float) -> int:
    """How many ranks among n are within the threshold, as a share of n: the last rank that passes.

    >>> ranks_within(144, 0.025)
    3
    """
    return int(np.sum(np.arange(1, n + 1) / n <= threshold))


def nearer_heads_allowed(n_teacher_heads: int, threshold: float) -> int:
    """The most teacher heads that may be as near to another one if `nearest_p` is to pass; -1 if it cannot.

    >>> nearer_heads_allowed(144, 0.025)
    2
    """
    return ranks_within(n_teacher_heads + 1, threshold) - 1


def _origin_p(distances: HeadDistances, initialised_from: Sequence[int]) -> Array:
    layers, heads, _, teacher_heads = distances.values.shape
    if len(initialised_from) != layers or heads != teacher_heads:
        raise ValueError(
            f"initialised_from must name a layer of as many heads for each of {layers} layers of {heads} heads"
        )
    values = distances.values.reshape(layers, heads, -1)
    own = origin_distances(distances, initialised_from)
    return frozen(np.mean(values <= own[:, :, None], axis=-1))


def origin_distances(distances: HeadDistances, initialised_from: Sequence[int]) -> Array:
    """[student layer, student head]: from each head to the one that it was initialised from."""
    layers, heads, *_ = distances.values.shape
    return frozen(
        distances.values[
            np.arange(layers)[:, None], np.arange(heads), np.array(initialised_from)[:, None], np.arange(heads)
        ]
    )


def _as_near(own_distances: Array, observed: Array) -> Array:
    """The share of distances that are as small, the observed one counted in (Phipson & Smyth 2010).

    https://doi.org/10.2202/1544-6115.1585: a p-value is never zero.
    """
    counts = np.searchsorted(np.sort(own_distances, axis=None), observed, side="right")
    return frozen((counts + 1) / (own_distances.size + 1))
