"""Layer by layer by any measure, on a sample of the sentences: most measures cannot be had from sums alone.

    found = measured_map("rsa", sentences)  # the two models against each other
    one, other = measured_within("rsa", sentences)  # each model against itself

Intervals are 1.96 standard errors to each side, from leaving out one tenth of the sentences after the other (the
delete-a-group jackknife): neighbours and ranks cannot be drawn twice. The null is the largest of 19 maps of reordered
sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from analysis.arrays import Array, frozen
from analysis.models.pairs import Sides
from analysis.similarity.cka_contributions import Layers, check_enough
from analysis.similarity.layer_maps import (
    Both,
    Progress,
    SimilarityMap,
    first_units,
    level_of,
    nearest_share_of,
    permuted_order,
    silent,
)
from analysis.similarity.measures import MEASURES, Measure

GROUPS = 10
FEW_PERMUTATIONS = 19  # the level is then the largest of them
SAMPLE_UNITS = 400
MANY_UNITS = 1_200  # for measures that ask for many

Grid = Callable[[Layers, Layers], Array]  # [row layer, column layer]


def measured_map(key: str, sentences: Iterable[Both], progress: Progress = silent, seed: int = 0) -> SimilarityMap:
    """The layers of two models by any measure, on the first SAMPLE_UNITS units (MANY_UNITS where it asks for many)."""
    measure = MEASURES[key]
    sample, sizes = _sample(measure, sentences)
    measure.check(sample.teacher[0], sample.student[0])
    return _map(key, partial(_compared, measure), sample, sizes, progress, seed)


def measured_within(
    key: str, sentences: Iterable[Both], progress: Progress = silent, seed: int = 0
) -> Sides[SimilarityMap]:
    """Each model's layers against one another, on the same units."""
    measure = MEASURES[key]
    sample, sizes = _sample(measure, sentences)

    def one(layers: Layers, begin: float) -> SimilarityMap:
        same = Sides(layers, layers)
        return _map(key, partial(_mirrored, measure), same, sizes, lambda share: progress(begin + share / 2), seed)

    return Sides(one(sample.teacher, 0), one(sample.student, 0.5))


def _sample(measure: Measure, sentences: Iterable[Both]) -> tuple[Both, Array]:
    sample, sizes = first_units(sentences, MANY_UNITS if measure.many_units else SAMPLE_UNITS)
    check_enough(sizes)
    return sample, sizes


def _map(key: str, grid: Grid, sample: Both, sizes: Array, progress: Progress, seed: int) -> SimilarityMap:
    """The map of a sample with interval and null; `progress` hears the share of the grids that are done."""
    rows, columns = sample
    values = grid(rows, columns)
    generator = np.random.default_rng(seed)
    groups = generator.permutation(len(sizes)) % min(GROUPS, len(sizes))  # [sentence]
    of_units = np.repeat(groups, sizes)
    left_out, null = [], []
    steps = int(groups.max()) + 1 + FEW_PERMUTATIONS
    for group in range(int(groups.max()) + 1):
        kept = of_units != group
        left_out.append(grid(_taken(rows, kept), _taken(columns, kept)))
        progress(len(left_out) / steps)
    for _ in range(FEW_PERMUTATIONS):
        null.append(grid(rows, _taken(columns, permuted_order(sizes, generator))))
        progress((len(left_out) + len(null)) / steps)
    margin = 1.96 * _jackknife_error(np.stack(left_out))
    return SimilarityMap(
        key,
        frozen(values),
        frozen((values - margin).clip(-1, 1)),
        frozen((values + margin).clip(-1, 1)),
        frozen(level_of(np.stack(null))),
        frozen(nearest_share_of(values, np.stack(left_out, axis=-1))),
        n_units=int(sizes.sum()),
        n_sentences=len(sizes),
        n_null_units=int(sizes.sum()),
    )


def _taken(layers: Layers, units: Array) -> Layers:
    return [layer[units] for layer in layers]


def _compared(measure: Measure, rows: Layers, columns: Layers) -> Array:
    """[row layer, column layer]; each layer is prepared once."""
    ones, others = ([measure.prepare(layer) for layer in layers] for layers in (rows, columns))
    return np.array([[measure.compare(one, other) for other in others] for one in ones])


def _mirrored(measure: Measure, rows: Layers, columns: Layers) -> Array:
    """As `_compared` where both are the layers of one model: half is compared.

    Also where the columns' units are reordered: putting the rows into the opposite order instead is as likely.
    """
    ones, others = ([measure.prepare(layer) for layer in layers] for layers in (rows, columns))
    half = np.zeros((len(ones), len(others)))
    for row, column in zip(*np.triu_indices(len(ones)), strict=True):
        half[row, column] = measure.compare(ones[row], others[column])
    return half + np.triu(half, 1).T


def _jackknife_error(left_out: Array) -> Array:
    """Standard error from values [group, …], each without one group (Shao & Tu 1995, section 2.3)."""
    groups = len(left_out)
    return np.asarray(np.sqrt((groups - 1) / groups * np.square(left_out - left_out.mean(axis=0)).sum(axis=0)))
