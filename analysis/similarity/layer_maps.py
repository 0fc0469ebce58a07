"""Layer maps: the similarity of all layers of two models, with intervals and with the level that chance reaches.

    maps = cka_maps(sentences)  # an iterable of Sides: all layers of both models over the examples of one sentence
    maps.across.values[6, 3]  # teacher layer 6, student layer 3

Interval: sentences are drawn with replacement, 1,000 times, because the tokens of one sentence are not independent. A
sentence that is drawn twice must not be compared with its own copy, which is like it in both models whatever they are:
that would bring back the very bias that debiasing removes. So the pairs are not drawn again but the sentences'
contributions (`contributions`): products of kernels change with the weights of the sentences by their first derivative
(the infinitesimal jackknife, Efron 1982, https://doi.org/10.1137/1.9781611970319).

Two examples of one sentence stay a pair, as in the published measure: with few sentences this raises the values a
little (from 0.22 to 0.28 at ten sentences of eight examples, invisibly at a hundred), and with them the null, in which
sentences stay whole.

Null: the student's sentences are put in another order and its examples paired with the teacher's as they then come, so
that sentences stay whole but no longer meet themselves. In each cell, 95 of 100 such maps are at most at the null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError
from analysis.models.pairs import Sides
from analysis.similarity.cka_contributions import Contributions, Layers, amount, contributions, joined
from analysis.similarity.kernels import linear, u_centred, unit_length

RESAMPLES = 1_000
LEVEL = 0.95  # of the interval, and of the null
PERMUTATIONS = 199
NULL_EXAMPLES = 500  # the null is measured on that many examples at most; on more it would only be lower

LayersOfBoth = Sides[Layers]


@dataclass(frozen=True, slots=True)
class LayerMap:
    """Similarity of every layer of one model to every layer of another; 0 is the embedding output.

    `values`, `low`, `high` (the interval) and `null` are [row layer + 1, column layer + 1], across two models [teacher,
    student]. NaN where a layer does not vary. `nearest_share` [column layer + 1]: the share of resamples in which the
    nearest row layer is that of `nearest`.
    """

    measure: str
    values: Array
    low: Array
    high: Array
    null: Array
    nearest_share: Array
    n_examples: int
    n_sentences: int
    n_null_examples: int

    @property
    def nearest(self) -> Array:
        """For each column layer the row layer of the highest value, [column layer + 1]; -1 where all are NaN."""
        return nearest_of(self.values)

    @property
    def amount(self) -> str:
        """How much was compared, in words."""
        return amount(self.n_examples, self.n_sentences)

    @property
    def above_null(self) -> Array:
        """Where the whole interval is above the null."""
        return self.low > self.null


@dataclass(frozen=True, slots=True)
class LayerMaps:
    """The two models against each other, and each against itself."""

    across: LayerMap
    within: Sides[LayerMap]


def nearest_of(values: Array) -> Array:
    """The row of the highest value of each column, [row, column, …] to [column, …]; -1 where all are NaN."""
    filled = np.where(np.isnan(values), -np.inf, values)
    return np.asarray(np.where(np.isinf(filled).all(axis=0), -1, filled.argmax(axis=0)))


class _Stacked:
    """Both models' layers in one row, as `contributions` takes them; can be iterated again and again."""

    def __init__(self, sentences: Iterable[LayersOfBoth]) -> None:
        self._sentences = sentences

    def __iter__(self) -> Iterator[Layers]:
        return ([*sides.teacher, *sides.student] for sides in self._sentences)


def cka_maps(sentences: Iterable[LayersOfBoth], seed: int = 0) -> LayerMaps:
    """Debiased linear CKA of all layers. `sentences` gives each layer of both models as [example, width].

    It is iterated up to three times, and never held as a whole if it is large. Raises `AnalysisError` if there is too
    little to say anything.
    """
    first = next(iter(sentences), None)
    if first is None:
        raise AnalysisError("There is no sentence to compare the models on.")
    teacher, student = (slice(0, len(first.teacher)), slice(len(first.teacher), None))
    parts = contributions(_Stacked(sentences))
    sample, sizes = first_examples(sentences, NULL_EXAMPLES)
    null = _cka_null(sample, sizes, seed)

    def layer_map(rows: slice, columns: slice) -> LayerMap:
        values, draws = resampled(parts, rows, columns, seed)
        low, high = interval(draws)
        return LayerMap(
            "cka",
            frozen(values),
            frozen(low),
            frozen(high),
            frozen(null[rows, columns]),
            frozen(nearest_share_of(values, draws)),
            int(parts.sizes.sum()),
            len(parts.sizes),
            int(sizes.sum()),
        )

    return LayerMaps(layer_map(teacher, student), Sides(layer_map(teacher, teacher), layer_map(student, student)))


def resampled(
    parts: Contributions, rows: slice = slice(None), columns: slice = slice(None), seed: int = 0, draws: int = RESAMPLES
) -> tuple[Array, Array]:
    """CKA of these layers [row, column], and of resampled sentences [row, column, draw].

    With u and v the change of a resample's norms and r that of the mean contribution, 2 r - c (u + v) is how c changes,
    over norms of u v. On a layer and itself this is 1 in every resample.
    """
    total = parts.sums.sum(axis=0)
    own = np.sqrt(np.diagonal(total))
    values = cosines(total)[rows, columns]
    generator = np.random.default_rng(seed)
    count = len(parts.sizes)
    weights = generator.multinomial(count, np.full(count, 1 / count), size=draws).T  # [sentence, draw]
    weights = weights * (parts.sizes.sum() / (parts.sizes @ weights))
    sums = parts.sums[:, rows, columns] / own[rows, None] / own[columns]  # [sentence, row, column]
    drawn = (sums.reshape(count, -1).T @ weights).reshape(*values.shape, draws)
    norms = (np.diagonal(parts.sums, axis1=1, axis2=2) / np.diagonal(total)).T @ weights  # [layer, draw]
    row_norms, column_norms = norms[rows, None], norms[None, columns]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 2 * drawn - values[:, :, None] * (row_norms + column_norms)
        moved = values[:, :, None] + change / (row_norms * column_norms)
    return values, moved.clip(-1, 1)


def cosines(products: Array) -> Array:
    """Products of every two layers over the norms of both, [layer, layer]."""
    own = np.sqrt(np.diagonal(products))
    return np.asarray(products / own[:, None] / own)


def first_examples(sentences: Iterable[LayersOfBoth], most: int) -> tuple[LayersOfBoth, Array]:
    """The first sentences with at most that many examples together (but one at least): joined, and their sizes."""
    held: list[LayersOfBoth] = []
    count = 0
    for sides in sentences:
        size = len(sides.teacher[0])
        if held and count + size > most:
            break
        if size:
            held.append(sides)
            count += size
    if not held:
        raise AnalysisError("There is no sentence to compare the models on.")
    stacks = [joined(list(layers)) for layers in zip(*held, strict=True)]
    return Sides(*stacks), np.array([len(sides.teacher[0]) for sides in held])


def permuted_order(sizes: Array, generator: np.random.Generator) -> Array:
    """The units' places when sentences of these sizes come in another order, [example]."""
    ends = np.cumsum(sizes)
    order = generator.permutation(len(sizes))
    return np.concatenate([np.arange(ends[place] - sizes[place], ends[place]) for place in order])


def _cka_null(sample: LayersOfBoth, sizes: Array, seed: int) -> Array:
    """The level of CKA that LEVEL of all reordered samples stay at or below, [layer, layer] of both models in a row."""
    generator = np.random.default_rng(seed)
    examples = np.stack([unit_length(u_centred(linear(layer))) for layer in (*sample.teacher, *sample.student)])
    examples = examples.astype(np.float32)  # [layer, example, example]
    flat = examples.reshape(len(examples), -1)
    draws = []
    for _ in range(PERMUTATIONS):
        order = permuted_order(sizes, generator)
        draws.append(flat @ examples[:, order[:, None], order].reshape(len(examples), -1).T)
    return np.asarray(level_of(np.stack(draws)))


def level_of(null: Array) -> Array:
    """The value that LEVEL of a null's draws [draw, …] stay at or below, itself counted in: p is then at most 0.05."""
    rank = int(np.ceil(LEVEL * (len(null) + 1)))
    return np.asarray(np.sort(null, axis=0)[rank - 1])


def nearest_share_of(values: Array, draws: Array) -> Array:
    """The share of draws [row layer, column layer, draw] in which a column's nearest row is that of `values`."""
    return np.asarray((nearest_of(draws) == nearest_of(values)[:, None]).mean(axis=-1))


def interval(draws: Array) -> tuple[Array, Array]:
    """The bounds between which LEVEL of the draws [row, column, draw] lie."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=-1)
    return low, high
