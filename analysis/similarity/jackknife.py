"""Layer maps by any measure, on a sample of the sentences, since most measures cannot be computed from sums alone.

    layer_map = measured_map("rsa", sentences)  # the two models against each other
    teacher, student = measured_within("rsa", sentences)  # each model against itself

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
from analysis.progress import Progress, silent
from analysis.similarity.cka_contributions import Layers, check_enough
from analysis.similarity.layer_maps import (
    LayerMap,
    LayersOfBoth,
    first_examples,
    level_of,
    nearest_share_of,
    permuted_order,
)
from analysis.similarity.measures import MEASURES, Measure

GROUPS = 10
FEW_PERMUTATIONS = 19  # the level is then the largest of them
SAMPLE_EXAMPLES = 400
MANY_EXAMPLES = 1_200  # for measures that need many

CompareLayers = Callable[[Layers, Layers], Array]  # to [row layer, column layer]


def measured_map(key: str, sentences: Iterable[LayersOfBoth], progress: Progress = silent, seed: int = 0) -> LayerMap:
    """The layers of two models by any measure, on the first SAMPLE_EXAMPLES (MANY_EXAMPLES if it needs many)."""
    measure = MEASURES[key]
    sample, sizes = _sample(measure, sentences)
    measure.check(sample.teacher[0], sample.student[0])
    return _map(key, partial(_compared, measure), sample, sizes, progress, seed)


def measured_within(
    key: str, sentences: Iterable[LayersOfBoth], progress: Progress = silent, seed: int = 0
) -> Sides[LayerMap]:
    """Each model's layers against one another, on the same examples."""
    measure = MEASURES[key]
    sample, sizes = _sample(measure, sentences)

    def of_model(layers: Layers, begin: float) -> LayerMap:
        same = Sides(layers, layers)
        return _map(key, partial(_mirrored, measure), same, sizes, lambda share: progress(begin + share / 2), seed)

    return Sides(of_model(sample.teacher, 0), of_model(sample.student, 0.5))


def _sample(measure: Measure, sentences: Iterable[LayersOfBoth]) -> tuple[LayersOfBoth, Array]:
    sample, sizes = first_examples(sentences, MANY_EXAMPLES if measure.many_examples else SAMPLE_EXAMPLES)
    check_enough(sizes)
    return sample, sizes


def _map(
    key: str, compare_layers: CompareLayers, sample: LayersOfBoth, sizes: Array, progress: Progress, seed: int
) -> LayerMap:
    """The map of a sample with interval and null; `progress` gets the share that is done."""
    rows, columns = sample
    values = compare_layers(rows, columns)
    generator = np.random.default_rng(seed)
    groups = generator.permutation(len(sizes)) % min(GROUPS, len(sizes))  # [sentence]
    group_of_example = np.repeat(groups, sizes)
    left_out, null = [], []
    steps = int(groups.max()) + 1 + FEW_PERMUTATIONS
    for group in range(int(groups.max()) + 1):
        kept = group_of_example != group
        left_out.append(compare_layers(_taken(rows, kept), _taken(columns, kept)))
        progress(len(left_out) / steps)
    for _ in range(FEW_PERMUTATIONS):
        null.append(compare_layers(rows, _taken(columns, permuted_order(sizes, generator))))
        progress((len(left_out) + len(null)) / steps)
    margin = 1.96 * _jackknife_error(np.stack(left_out))
    return LayerMap(
        key,
        frozen(values),
        frozen((values - margin).clip(-1, 1)),
        frozen((values + margin).clip(-1, 1)),
        frozen(level_of(np.stack(null))),
        frozen(nearest_share_of(values, np.stack(left_out, axis=-1))),
        n_examples=int(sizes.sum()),
        n_sentences=len(sizes),
        n_null_examples=int(sizes.sum()),
    )


def _taken(layers: Layers, examples: Array) -> Layers:
    return [layer[examples] for layer in layers]


def _compared(measure: Measure, rows: Layers, columns: Layers) -> Array:
    """[row layer, column layer]; each layer is prepared once."""
    prepared_rows, prepared_columns = ([measure.prepare(layer) for layer in layers] for layers in (rows, columns))
    return np.array([[measure.compare(row, column) for column in prepared_columns] for row in prepared_rows])


def _mirrored(measure: Measure, rows: Layers, columns: Layers) -> Array:
    """As `_compared` if both are the layers of one model: half is compared.

    Also if the columns' examples are reordered: putting the rows into the opposite order instead is as likely.
    """
    prepared_rows, prepared_columns = ([measure.prepare(layer) for layer in layers] for layers in (rows, columns))
    half = np.zeros((len(rows), len(columns)))
    for row, column in zip(*np.triu_indices(len(rows)), strict=True):
        half[row, column] = measure.compare(prepared_rows[row], prepared_columns[column])
    return half + np.triu(half, 1).T


def _jackknife_error(left_out: Array) -> Array:
    """Standard error from values [group, …], each without one group (Shao & Tu 1995, section 2.3)."""
    groups = len(left_out)
    return np.asarray(np.sqrt((groups - 1) / groups * np.square(left_out - left_out.mean(axis=0)).sum(axis=0)))
