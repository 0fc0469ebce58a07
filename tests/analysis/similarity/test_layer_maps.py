"""Layer maps: two ways to one value, streamed or at once, and intervals and nulls that keep their promise."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.models.pairs import Sides
from analysis.similarity import cka_contributions as ways
from analysis.similarity import jackknife as sampled
from analysis.similarity import layer_maps as grid
from analysis.similarity.cka_contributions import (
    contributions_by_features,
    contributions_by_kernels,
    joined,
    kernels_are_cheaper,
)
from analysis.similarity.jackknife import measured_map, measured_within
from analysis.similarity.layer_maps import cka_maps, cosines, permuted_order, resampled
from analysis.similarity.measures import MEASURES

WIDTHS = (8, 12, 12, 5)
Cut = list[list[np.ndarray]]


def sizes_of(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 12, size=count)


def cut(layers: list[np.ndarray], sizes: np.ndarray) -> Cut:
    """[sentence][layer]: examples of one sentence after the other."""
    ends = np.cumsum(sizes)
    return [[layer[end - size : end] for layer in layers] for size, end in zip(sizes, ends, strict=True)]


def layers_of(
    sizes: np.ndarray, widths: tuple[int, ...] = WIDTHS, shared: float = 1.0, seed: int = 0
) -> list[np.ndarray]:
    """Layers with `shared` signals, in which the examples of a sentence are alike, and far from a mean of zero."""
    generator = np.random.default_rng(seed)
    count = int(sizes.sum())
    signals = 0.7 * np.repeat(generator.normal(size=(len(sizes), 6)), sizes, axis=0)
    signals += 0.7 * generator.normal(size=(count, 6))
    return [
        shared * signals @ generator.normal(size=(6, width))
        + generator.normal(size=(count, width))
        + 10 * generator.normal(size=width)
        for width in widths
    ]


def sides(sentences: Cut, teacher: int = 2) -> list[Sides[list[np.ndarray]]]:
    return [Sides(layers[:teacher], layers[teacher:]) for layers in sentences]


def test_both_ways_give_the_contributions_of_the_measure() -> None:
    sizes = sizes_of(40)
    layers = layers_of(sizes)
    by_kernels, by_features = contributions_by_kernels(layers, sizes), contributions_by_features(cut(layers, sizes))
    np.testing.assert_allclose(by_features.sums, by_kernels.sums, rtol=0, atol=1e-9 * np.abs(by_kernels.sums).max())
    expected = [[MEASURES["cka"](one, other) for other in layers] for one in layers]
    np.testing.assert_allclose(cosines(by_kernels.sums.sum(axis=0)), expected, atol=1e-10)
    assert by_kernels.sizes.tolist() == by_features.sizes.tolist() == sizes.tolist()


@pytest.mark.parametrize("kernel_bytes", [1, 20_000, 10**9])
def test_kernel_rows_in_blocks_give_the_same(kernel_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = sizes_of(30)
    layers = layers_of(sizes)
    whole = contributions_by_kernels(layers, sizes)
    monkeypatch.setattr(ways, "KERNEL_BYTES", kernel_bytes)
    np.testing.assert_allclose(contributions_by_kernels(layers, sizes).sums, whole.sums, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("batches", [1, 20])
def test_one_batch_and_twenty_give_the_same(batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = sizes_of(100)
    layers = layers_of(sizes)
    monkeypatch.setattr(ways, "BLOCK_EXAMPLES", int(np.ceil(sizes.sum() / batches)))
    found = contributions_by_features(cut(layers, sizes))
    expected = contributions_by_kernels(layers, sizes)
    np.testing.assert_allclose(cosines(found.sums.sum(axis=0)), cosines(expected.sums.sum(axis=0)), atol=1e-10)


@pytest.mark.parametrize("shared", [1.0, 0.1])
def test_single_precision_is_within_a_hundred_thousandth_of_double(shared: float) -> None:
    sizes = sizes_of(150)
    layers = layers_of(sizes, (96, 64, 80), shared)
    exact = cosines(contributions_by_kernels(layers, sizes).sums.sum(axis=0))
    single = [layer.astype(np.float32) for layer in layers]
    for found in (contributions_by_kernels(single, sizes), contributions_by_features(cut(single, sizes))):
        np.testing.assert_allclose(cosines(found.sums.sum(axis=0)), exact, atol=1e-5)


def test_the_cheaper_way_is_taken_and_large_texts_are_not_held() -> None:
    full = [768] * 20
    assert all(kernels_are_cheaper(count, full) for count in (64, 256, 1_000))
    assert not kernels_are_cheaper(100_000, full)
    assert not kernels_are_cheaper(10_000, [192] * 20)
    assert not kernels_are_cheaper(2 * ways.HELD_BYTES // (4 * sum(full)), full)


def test_hidden_states_stream_by() -> None:
    """Four times the examples take no more memory, but for the contributions of their sentences."""
    widths = (48,) * 6

    class Stream:
        def __init__(self, count: int) -> None:
            self.count = count

        def __iter__(self) -> Iterator[list[np.ndarray]]:
            generator = np.random.default_rng(0)
            for _ in range(self.count):
                yield [generator.normal(size=(20, width)).astype(np.float32) for width in widths]

    def peak(count: int) -> int:
        tracemalloc.start()
        contributions_by_features(Stream(count))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    kept = 8 * len(widths) ** 2  # contributions of a sentence
    assert peak(400) - peak(100) < 300 * 3 * kept < 300 * 4 * 20 * sum(widths) / 10  # a tenth of the hidden states


def test_a_layer_that_does_not_vary_has_no_similarity_and_spoils_no_other() -> None:
    sizes = sizes_of(60)
    layers = layers_of(sizes)
    layers[0] = np.full_like(layers[0], 0.1)
    for found in (contributions_by_kernels(layers, sizes), contributions_by_features(cut(layers, sizes))):
        values, draws = resampled(found, draws=50)
        assert np.isnan(values[0]).all()
        assert np.isfinite(values[1:, 1:]).all()
        assert np.isfinite(draws[1:, 1:]).all()
    across = cka_maps(sides(cut(layers, sizes))).across
    assert np.isnan(across.values[0]).all()
    assert across.nearest.tolist() == [1, 1]
    assert across.above_null.tolist() == [[False, False], [True, True]]


def test_a_layer_is_like_itself_in_every_resample() -> None:
    sizes = sizes_of(30)
    values, draws = resampled(contributions_by_kernels(layers_of(sizes), sizes))
    np.testing.assert_allclose(np.diagonal(values), 1, atol=1e-12)
    np.testing.assert_allclose(np.diagonal(draws), 1, atol=1e-9)


def test_resampling_brings_no_bias_back() -> None:
    """Copies of an example, drawn twice and compared, would make noise look alike: here 0.5; resamples stay around "
    "0."""
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2, 64, 768))
    drawn = generator.integers(64, size=64)
    assert MEASURES["cka"](x[drawn], y[drawn]) > 0.4
    values, draws = resampled(contributions_by_kernels([x, y], np.ones(64, dtype=int)))
    assert abs(draws[0, 1].mean() - values[0, 1]) < 0.02


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    """Against what 2,000 sentences give, from 40 sentences in which examples depend on one another."""
    truth = _cka(2_000, seed=99)[0]
    found = [_cka(40, seed) for seed in range(100)]
    assert 0.88 <= np.mean([low <= truth <= high for _, low, high in found]) <= 1.0
    spread = np.std([value for value, *_ in found])
    width = np.mean([high - low for _, low, high in found])
    assert 0.8 < width / (2 * 1.96 * spread) < 1.6


def _cka(count: int, seed: int) -> tuple[float, float, float]:
    """Value and interval of the same two kinds of layers on other sentences."""
    sizes = sizes_of(count, seed)
    generator = np.random.default_rng(seed + 1_000)
    signals = 0.7 * np.repeat(generator.normal(size=(count, 6)), sizes, axis=0)
    signals = signals + 0.7 * generator.normal(size=(len(signals), 6))
    fixed = np.random.default_rng(5)
    layers = [
        signals @ (fixed.normal(size=(6, width)) * strength[:, None])
        + 1.5 * generator.normal(size=(len(signals), width))
        for width, strength in ((24, np.linspace(2, 0.3, 6)), (16, np.linspace(0.3, 2, 6)))
    ]
    values, draws = resampled(contributions_by_kernels(layers, sizes), draws=400)
    low, high = np.quantile(draws[0, 1], [0.025, 0.975])
    return float(values[0, 1]), float(low), float(high)


def test_reordered_sentences_stay_whole_and_keep_all_units() -> None:
    sizes = sizes_of(20)
    order = permuted_order(sizes, np.random.default_rng(0))
    assert sorted(order) == list(range(sizes.sum()))
    starts = np.cumsum(sizes) - sizes
    for start, size in zip(starts, sizes, strict=True):
        at = int(np.flatnonzero(order == start)[0])
        assert order[at : at + size].tolist() == list(range(start, start + size))


def test_unrelated_layers_pass_the_null_as_often_as_it_says() -> None:
    sizes = np.full(60, 4)
    passed = []
    for seed in range(8):
        teacher, student = (layers_of(sizes, (16,) * 3, seed=2 * seed + side) for side in range(2))
        across = cka_maps(sides(cut([*teacher, *student], sizes), 3), seed).across
        passed += (across.values > across.null).ravel().tolist()
    assert np.mean(passed) < 0.2  # one in twenty; the nine of a seed share their signals


def test_related_layers_are_above_the_null_and_nearest_to_their_likes() -> None:
    sizes = sizes_of(80)
    one, other = layers_of(sizes, (16, 16), seed=1), layers_of(sizes, (16, 16), seed=2)
    noisy = [layer + np.random.default_rng(3).normal(size=layer.shape) for layer in (other[0], one[0])]
    maps = cka_maps(sides(cut([one[0], other[0], *noisy], sizes)))
    assert maps.across.nearest.tolist() == [1, 0]
    assert maps.across.above_null[[1, 0], [0, 1]].all()
    assert (maps.across.nearest_share > 0.99).all()
    assert (maps.across.n_examples, maps.across.n_sentences) == (sizes.sum(), 80)
    np.testing.assert_allclose(np.diagonal(maps.within.teacher.values), 1)
    np.testing.assert_allclose(maps.within.student.values, maps.within.student.values.T, atol=1e-12)


def test_too_little_text_is_refused_with_its_numbers() -> None:
    sizes = np.full(7, 3)
    with pytest.raises(AnalysisError, match="21 examples of 7 sentences"):
        cka_maps(sides(cut(layers_of(sizes), sizes)))
    with pytest.raises(AnalysisError, match="no sentence"):
        cka_maps([])


@pytest.mark.parametrize("key", MEASURES)
def test_a_grid_by_any_measure_is_that_measure_on_its_sample(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled, "GROUPS", 4)
    sizes = sizes_of(25)
    sentences = sides(cut(layers_of(sizes, (12,) * 4), sizes))
    shares_done: list[float] = []
    found = measured_map(key, sentences, shares_done.append)
    teacher, student = (joined(list(one)) for one in zip(*sentences, strict=True))
    expected = [[MEASURES[key](one, other) for other in student] for one in teacher]
    np.testing.assert_allclose(found.values, expected, atol=1e-9)
    assert ((found.low <= found.values) & (found.values <= found.high)).all()
    assert shares_done == sorted(shares_done)
    assert shares_done[-1] == 1


@pytest.mark.parametrize("key", MEASURES)
def test_a_grid_within_a_model_is_that_of_the_model_with_itself(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled, "GROUPS", 4)
    sizes = sizes_of(25)
    sentences = sides(cut(layers_of(sizes, (12, 12, 7, 7)), sizes))
    shares_done: list[float] = []
    for side, found in measured_within(key, sentences, shares_done.append).items():
        itself = measured_map(key, [Sides(one[side], one[side]) for one in sentences])
        for name in ("values", "low", "high"):
            np.testing.assert_allclose(getattr(found, name), getattr(itself, name), atol=1e-9)
        np.testing.assert_allclose(np.diagonal(found.values), 1)
        np.testing.assert_array_equal(found.null, found.null.T)
        assert found.above_null.diagonal().all()
    assert shares_done == sorted(shares_done)
    assert shares_done[-1] == 1


def test_the_jackknifes_error_is_that_of_the_mean_for_a_mean() -> None:
    values = np.random.default_rng(0).normal(size=20)
    left_out = np.array([np.delete(values, place).mean() for place in range(20)])[:, None]
    assert sampled._jackknife_error(left_out)[0] == pytest.approx(values.std(ddof=1) / np.sqrt(20))


def test_a_sample_is_whole_sentences_up_to_a_bound() -> None:
    sizes = sizes_of(30)
    sentences = sides(cut(layers_of(sizes), sizes))
    sample, held = grid.first_examples(sentences, 50)
    assert held.tolist() == sizes[: len(held)].tolist()
    assert 50 - 11 <= held.sum() == len(sample.teacher[0]) <= 50
