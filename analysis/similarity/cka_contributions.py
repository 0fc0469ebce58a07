"""What each sentence contributes to the debiased kernel products of all layers, from which layer maps of CKA are made.

The debiased product of two layers (HSIC) is a mean over examples: of a_i = Σ_j A_ij B_ij / (n - 3), where A and B are
the layers' U-centred kernels (`kernels.u_centred`). Kept are only the sums of a_i over each sentence, for every two
layers; values, resamples of sentences and intervals all follow from these, without the hidden states.

There are two ways to the same sums. By kernels: every layer's kernel once, then all pairs of layers in one matrix
product; cheap for few examples. By feature sums: sums of x yᵀ for every two layers, in which the kernels never appear;
cheap for many examples, and the hidden states stream by, once for the sums and once more for the contributions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError
from analysis.similarity.kernels import is_constant, u_centre

BLOCK_EXAMPLES = 512  # taken together, so that matrix products are large enough to be fast
KERNEL_BYTES = 128_000_000  # of all layers' kernel rows that are held at once
HELD_BYTES = 256_000_000  # of hidden states at most, where they are held at once

FEWEST_EXAMPLES = 16
FEWEST_SENTENCES = 8  # or examples, if each stands for itself

Layers = Sequence[Array]  # each [example, width]: the same examples in every layer, whatever its width
Sentences = Iterable[Layers]  # one after the other, as often as it is gone through


@dataclass(frozen=True, slots=True)
class Contributions:
    """`sums` [sentence, layer, layer]: a_i summed over a sentence's examples; `sizes` [sentence]: how many it has.

    NaN for a layer in which the examples do not vary.
    """

    sums: Array
    sizes: Array


def contributions(sentences: Sentences) -> Contributions:
    """By the cheaper of the two ways. Sentences without examples are left out; `AnalysisError` if too few remain."""
    held: list[Layers] = []
    count = 0
    for layers in filter(_has_examples, sentences):
        held.append(layers)
        count += len(layers[0])
        if not kernels_are_cheaper(count, [layer.shape[1] for layer in layers]):
            return contributions_by_features(sentences)
    sizes = [len(layers[0]) for layers in held]
    check_enough(sizes)
    return contributions_by_kernels(joined(held), sizes)


def check_enough(sizes: Sequence[int] | Array) -> None:
    """Raises `AnalysisError` if sentences of these sizes are too few to say anything about layers."""
    if sum(sizes) < FEWEST_EXAMPLES or len(sizes) < FEWEST_SENTENCES:
        raise AnalysisError(
            f"Only {amount(sum(sizes), len(sizes))} can be compared; below {FEWEST_EXAMPLES} examples or "
            f"{FEWEST_SENTENCES} sentences, any two layers look alike or unlike by chance. Add more text."
        )


def amount(examples: int, sentences: int) -> str:
    """How much was compared, in words; sentences are not mentioned if each example stands for itself."""
    counted = f"{examples:,} {'example' if examples == 1 else 'examples'}"
    whole = f"{sentences:,} {'sentence' if sentences == 1 else 'sentences'}"
    return counted if examples == sentences else f"{counted} of {whole}"


def kernels_are_cheaper(count: int, widths: Sequence[int]) -> bool:
    """True if kernels take less arithmetic than feature sums for that many examples, and these fit into memory."""
    total, layers = sum(widths), len(widths)
    kernel_cost = count * (total + layers**2)  # multiplications per example: its kernel rows, and their products
    feature_cost = total**2  # half of all pairs of layers, in two passes
    return kernel_cost <= feature_cost and 4 * count * total <= HELD_BYTES


def contributions_by_kernels(layers: Layers, sizes: Sequence[int] | Array) -> Contributions:
    """From kernels; `layers` hold the examples of all sentences in turn, `sizes` of them each."""
    count, dtype = len(layers[0]), np.result_type(*layers)
    step = KERNEL_BYTES // (len(layers) * count * dtype.itemsize)
    return _at_once(layers, sizes) if step >= count else _in_blocks(layers, sizes, max(1, step))


def _at_once(layers: Layers, sizes: Sequence[int] | Array) -> Contributions:
    """From whole kernels of all layers, which tell by themselves how to centre them."""
    count, dtype = len(layers[0]), np.result_type(*layers)
    kernels = np.empty((len(layers), count, count), dtype)
    constant = []
    for kernel, layer in zip(kernels, layers, strict=True):
        mean = np.ones(count, dtype) @ layer / dtype.type(count)  # a matrix product is the fastest mean
        shifted = layer - mean
        np.matmul(shifted, shifted.T, out=kernel)
        variation = float(kernel.trace())
        constant.append(is_constant(variation, variation + count * float(mean @ mean)))
        u_centre(kernel)
    sums = np.zeros((len(sizes), len(layers), len(layers)))
    _add_products(sums, kernels, sizes, 0)
    return _contributions(sums / (count - 3), sizes, constant)


def _in_blocks(layers: Layers, sizes: Sequence[int] | Array, step: int) -> Contributions:
    """From `step` rows of all layers' kernels at a time, whose sums must be known before."""
    count, dtype = len(layers[0]), np.result_type(*layers)
    work = np.empty(count * max(layer.shape[1] for layer in layers), dtype)
    centrings = [_Centring.of(layer, work) for layer in layers]
    sums = np.zeros((len(sizes), len(layers), len(layers)))
    held = np.empty((len(layers), step, count), dtype)
    for begin in range(0, count, step):
        kernels = held[:, : min(step, count - begin)]  # [layer, row, example]
        for kernel, layer, centring in zip(kernels, layers, centrings, strict=True):
            centring.fill(kernel, layer, begin, work)
        _add_products(sums, kernels, sizes, begin)
    return _contributions(sums / (count - 3), sizes, [centring.constant for centring in centrings])


def _add_products(sums: Array, kernels: Array, sizes: Sequence[int] | Array, begin: int) -> None:
    """Adds to `sums` [sentence, layer, layer] the products of kernel rows [layer, row, example], from `begin` on."""
    for sentence, rows in _segments(sizes, begin, begin + kernels.shape[1]):
        flat = kernels[:, rows].reshape(len(kernels), -1)
        sums[sentence] += flat @ flat.T


@dataclass(frozen=True, slots=True)
class _Centring:
    """What U-centres a layer's kernel: the mean example [width], and row and column sums [example]."""

    mean: Array
    rows: Array
    columns: Array
    constant: bool

    @classmethod
    def of(cls, layer: Array, work: Array) -> _Centring:
        count = len(layer)
        (total,) = _totals([layer])
        mean = (total / count).astype(layer.dtype)
        shifted = _shifted(layer, mean, work)
        norms = _norms([shifted])
        rows = _row_sums([shifted], _totals([shifted]), norms)[:, 0] / (count - 2)
        variation = float(norms.sum())
        constant = is_constant(variation, variation + float(total @ total) / count)
        columns = rows - rows.sum() / (count - 1)
        return cls(mean, rows.astype(layer.dtype), columns.astype(layer.dtype), constant)

    def fill(self, kernel: Array, layer: Array, begin: int, work: Array) -> None:
        """Writes U-centred rows [row, example] of the layer's kernel, from example `begin` on."""
        shifted = _shifted(layer, self.mean, work)  # once more: cheaper than to keep it for all layers
        block = slice(begin, begin + len(kernel))
        np.matmul(shifted[block], shifted.T, out=kernel)
        kernel -= self.columns
        kernel -= self.rows[block, None]
        at = np.arange(len(kernel))
        kernel[at, begin + at] = 0


def _shifted(layer: Array, mean: Array, work: Array) -> Array:
    """The layer less its mean, in the memory of `work`."""
    return np.subtract(layer, mean, out=work[: layer.size].reshape(layer.shape))


def _segments(sizes: Sequence[int] | Array, begin: int, end: int) -> Iterator[tuple[int, slice]]:
    """The sentences that have examples in begin … end, each with its part of that range, counted from `begin`."""
    ends = np.cumsum(sizes)
    for sentence in range(int(np.searchsorted(ends, begin, side="right")), len(ends)):
        first = int(ends[sentence] - sizes[sentence])
        if first >= end:
            return
        yield sentence, slice(max(first - begin, 0), min(int(ends[sentence]), end) - begin)


def contributions_by_features(sentences: Sentences) -> Contributions:
    """From feature sums; goes through the sentences twice and holds about BLOCK_EXAMPLES of their examples."""
    sums = FeatureSums()
    for block, _ in _blocks(sentences):
        sums.add(block)
    by_sentence, sizes = [], []
    for block, block_sizes in _blocks(sentences):
        parts = _parts(sums, [layer - shift for layer, shift in zip(block, sums.shifts, strict=True)])
        by_sentence.append(np.add.reduceat(parts, np.cumsum([0, *block_sizes[:-1]]), axis=0))
        sizes += block_sizes
    constant = [is_constant(*pair) for pair in zip(sums.variation, sums.magnitudes, strict=True)]
    return _contributions(np.concatenate(by_sentence), sizes, constant)


class FeatureSums:
    """Sums over all examples of x, x yᵀ, |x|²|y|² and x|y|², for all layers x and y less a shift near their mean.

    No shift changes the result; one near the mean keeps the digits that a large mean would take.
    """

    def __init__(self) -> None:
        self.count = 0
        self.shifts: list[Array] = []  # each [width]
        self.totals: list[Array] = []  # each [width]
        self.products: dict[tuple[int, int], Array] = {}  # (layer, layer not before it): [width, width]
        self.weighted: list[Array] = []  # each [width, layer]: this layer's x times that layer's |x|²
        self.norms: Array  # [layer]: |x|²
        self.norm_products: Array  # [layer, layer]

    def add(self, block: Layers) -> None:
        if not self.count:
            self._begin(block)
        layers = [layer - shift for layer, shift in zip(block, self.shifts, strict=True)]
        norms = _norms(layers)
        for place, (layer, total) in enumerate(zip(layers, _totals(layers), strict=True)):
            self.totals[place] += total
            self.weighted[place] += layer.T @ norms.astype(layer.dtype)
        for (row, column), product in self.products.items():
            product += layers[row].T @ layers[column]
        self.count += len(norms)
        self.norms += norms.sum(axis=0)
        self.norm_products += norms.T @ norms

    def _begin(self, block: Layers) -> None:
        layers = range(len(block))
        widths = [layer.shape[1] for layer in block]
        self.shifts = [(t / len(x)).astype(x.dtype) for t, x in zip(_totals(block), block, strict=True)]
        self.totals = [np.zeros(width) for width in widths]
        self.weighted = [np.zeros((width, len(block))) for width in widths]
        self.products = {
            (a, b): np.zeros((widths[a], widths[b]), block[a].dtype) for a in layers for b in layers if a <= b
        }
        self.norms = np.zeros(len(block))
        self.norm_products = np.zeros((len(block), len(block)))

    @property
    def variation(self) -> Array:
        """Squares about the mean, [layer]."""
        return self.norms - [total @ total / self.count for total in self.totals]

    @property
    def magnitudes(self) -> Array:
        """Squares of the mean, over all examples, and about it, [layer]."""
        means = [shift + total / self.count for shift, total in zip(self.shifts, self.totals, strict=True)]
        return self.variation + [self.count * (mean @ mean) for mean in means]

    def product(self, row: int, column: int) -> Array:
        """Σ x yᵀ of two layers, [width of row, width of column]."""
        return self.products[row, column] if row <= column else self.products[column, row].T


def _parts(sums: FeatureSums, layers: Layers) -> Array:
    """a_i of these examples for every two layers, [example, layer, layer], without any kernel.

    With k_ij = x_i·x_j, U-centred A_ij = k_ij - r_i - r_j + g, where r are row sums over n - 2 and g is theirs over
    n - 1. Rows of A sum to zero, so Σ_j A_ij B_ij = Σ_j A_ij (l_ij - b_j). Multiplied out, every term is a feature sum.
    """
    count, places = sums.count, range(len(layers))
    norms = _norms(layers)
    rows = _row_sums(layers, sums.totals, norms) / (count - 2)  # r of each layer, [example, layer]
    grand = [
        (t @ t - n) / (count - 2) / (count - 1) for t, n in zip(sums.totals, sums.norms, strict=True)
    ]  # g, [layer]
    by_rows = [_weighted_by_rows(sums, place) for place in places]
    toward = np.stack([layer @ by_row for layer, by_row in zip(layers, by_rows, strict=True)], axis=1)
    parts = _kernel_products(sums, layers) - _outer(norms, norms)  # Σ_j k_ij l_ij over all examples but i itself
    parts += _outer(norms, rows) + _outer(rows, norms) - toward - toward.transpose(0, 2, 1)
    parts += _row_products(sums, by_rows) - _outer(rows, rows) - (count - 1) * _outer(rows - grand, rows - grand)
    return np.asarray(parts / (count - 3))


def _kernel_products(sums: FeatureSums, layers: Layers) -> Array:
    """Σ_j k_ij l_ij over all examples j, [example, layer, layer]."""
    products = np.empty((len(layers[0]), len(layers), len(layers)))
    for row, column in sums.products:
        product = np.einsum("ij,ij->i", layers[row] @ sums.products[row, column], layers[column])
        products[:, row, column] = products[:, column, row] = product
    return products


def _weighted_by_rows(sums: FeatureSums, place: int) -> Array:
    """Σ_j r_j x_j of this layer's x and each layer's r, [width, layer]."""
    columns = [sums.product(place, other) @ total for other, total in enumerate(sums.totals)]
    return np.asarray((np.stack(columns, axis=1) - sums.weighted[place]) / (sums.count - 2))


def _row_products(sums: FeatureSums, by_rows: list[Array]) -> Array:
    """Σ_j r_j r'_j of every two layers, [layer, layer]."""
    toward = np.stack([total @ by_row for total, by_row in zip(sums.totals, by_rows, strict=True)])
    norms = np.stack([total @ weighted for total, weighted in zip(sums.totals, sums.weighted, strict=True)])
    return np.asarray((toward - (norms.T - sums.norm_products) / (sums.count - 2)) / (sums.count - 2))


def _blocks(sentences: Sentences) -> Iterator[tuple[Layers, list[int]]]:
    """Sentences joined until they have BLOCK_EXAMPLES, and how many examples each one has."""
    held: list[Layers] = []
    for layers in filter(_has_examples, sentences):
        held.append(layers)
        if sum(len(layers[0]) for layers in held) >= BLOCK_EXAMPLES:
            yield joined(held), [len(layers[0]) for layers in held]
            held = []
    if held:
        yield joined(held), [len(layers[0]) for layers in held]


def joined(sentences: Sequence[Layers]) -> list[Array]:
    """The examples of all sentences in turn, layer by layer."""
    if not sentences:
        raise ValueError("there must be at least one sentence with an example")
    return [np.concatenate(layer) for layer in zip(*sentences, strict=True)]


def _has_examples(layers: Layers) -> bool:
    return len(layers[0]) > 0


def _contributions(sums: Array, sizes: Sequence[int] | Array, constant: Sequence[bool]) -> Contributions:
    sums[:, constant] = sums[:, :, constant] = np.nan
    return Contributions(frozen(sums), frozen(sizes, np.int64))


def _norms(layers: Layers) -> Array:
    """|x|², [example, layer] in float64; added up in the layers' own precision."""
    return np.stack([np.einsum("ij,ij->i", layer, layer) for layer in layers], axis=1).astype(np.float64)


def _totals(layers: Layers) -> list[Array]:
    """Σ x, each [width] in float64; added up as a matrix product, which is the fastest."""
    return [(np.ones(len(layer), layer.dtype) @ layer).astype(np.float64) for layer in layers]


def _row_sums(layers: Layers, totals: Sequence[Array], norms: Array) -> Array:
    """Sums of the kernels' rows without the diagonal, [example, layer]; `totals` are sums over all examples."""
    sums = [layer @ total.astype(layer.dtype) for layer, total in zip(layers, totals, strict=True)]
    return np.stack(sums, axis=1) - norms


def _outer(rows: Array, columns: Array) -> Array:
    """The products of every two layers, of [example, layer] and [example, layer]: [example, layer, layer]."""
    return np.asarray(rows[:, :, None] * columns[:, None, :])
