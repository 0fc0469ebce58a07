"""Latency: known ratios are found, noise is told from a difference, and shared models stay as they are."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import stats

from analysis.arrays import Array
from analysis.inputs.examples import Example
from analysis.latency.config import BenchmarkConfig
from analysis.latency.measure import balanced_orders, profile
from analysis.latency.profile import FEWEST_FOR_P99, LatencyProfile, quantile
from analysis.models.forward import read
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.statistics import Estimate, bootstrapped
from tests.support.timekeeping import HandMoved, Stopped, measured_on, profile_of, stop_after

EXAMPLE = Example("sentiment", "the film was not good")


@pytest.fixture
def pair(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Model]:
    return tiny_pairs["sentiment"]


def jittered(clock: HandMoved, ms: float, spread: float, seed: int) -> Callable[[], None]:
    """What takes about so many ms, with a spread that is log-normal, as that of latencies is."""
    generator = np.random.default_rng(seed)
    return lambda: clock.pass_(ms * np.exp(spread * generator.standard_normal()))


@pytest.mark.parametrize("count", range(2, 8))
def test_each_work_has_every_place_and_follows_every_other_equally_often(count: int) -> None:
    orders = balanced_orders(count)
    assert all(sorted(order) == list(range(count)) for order in orders)
    places = Counter(place for order in orders for place in enumerate(order))
    followers = Counter(step for order in orders for step in pairwise(order))
    assert len(places) == count**2 and len(set(places.values())) == 1
    assert len(followers) == count * (count - 1) and len(set(followers.values())) == 1


def twice_against_once(seed: int, rounds: int = 60) -> LatencyProfile:
    """A profile of who does the same work twice, and who does it once."""
    clock = HandMoved()
    once = jittered(clock, 3.0, 0.1, seed)

    def twice() -> None:
        once()
        once()

    return measured_on(clock, twice, once, rounds)


def test_who_does_the_same_work_twice_takes_twice_as_long() -> None:
    found = twice_against_once(seed=0)
    assert found.ratio.low < 2 < found.ratio.high
    assert found.null.low < 1 < found.null.high
    assert found.inconclusive_reason is None


def test_95_in_100_intervals_hold_the_true_ratio() -> None:
    found = [twice_against_once(seed) for seed in range(100)]
    for truth, intervals in ((2, [one.ratio for one in found]), (1, [one.null for one in found])):
        held = sum(interval.low <= truth <= interval.high for interval in intervals)
        assert 88 <= held <= 100  # of 1,000 trials of 100 at 0.95, 998 lie here


def test_load_that_comes_and_goes_moves_the_times_and_not_the_ratio() -> None:
    clock, load = HandMoved(), np.random.default_rng(1)

    def slowed(ms: float) -> Callable[[], None]:
        return lambda: clock.pass_(ms * slowness)

    rows = []
    for _ in range(30):
        slowness = float(load.choice([1.0, 4.0]))
        rows.append(measured_on(clock, slowed(6.0), slowed(2.0), rounds=1))
    found = profile_of(
        *(np.concatenate(side) for side in zip(*((*r.samples, r.teacher_repeat) for r in rows), strict=True))
    )
    assert found.p90.teacher.value > 3 * np.min(found.samples.teacher)
    assert (found.ratio.low, found.ratio.value, found.ratio.high) == pytest.approx((3, 3, 3))
    assert found.inconclusive_reason is None


def test_noise_gets_the_verdict_that_nothing_can_be_concluded() -> None:
    clock = HandMoved()
    found = measured_on(clock, jittered(clock, 6.0, 1.5, 0), jittered(clock, 3.0, 1.5, 1), rounds=50)
    assert "too large for a conclusion" in found.inconclusive_reason
    assert f"{found.null.high:.2f} times" in found.inconclusive_reason


def test_a_ratio_that_is_all_over_the_place_is_not_told_though_the_null_is_steady() -> None:
    generator = np.random.default_rng(0)
    student = 3 * np.exp(generator.standard_normal(30))
    found = profile_of(np.full(30, 6.0), student, np.full(30, 6.0))
    assert found.null.low == found.null.high == 1
    assert f"{found.ratio.low:.2f} to" in found.inconclusive_reason


def test_quantiles_are_those_of_numpy_and_p99_waits_for_a_thousand_samples() -> None:
    samples = np.random.default_rng(0).gamma(2.0, size=(3, FEWEST_FOR_P99))
    found = profile_of(*samples)
    for side, times in zip(("teacher", "student"), samples, strict=False):
        ordered = np.sort(times)
        for share, told in ((0.5, found.p50), (0.9, found.p90), (0.99, found.p99)):
            assert told is not None  # p99 is there from 1,000 rounds on
            place = share * (len(times) - 1)
            below = ordered[int(place)]
            expected = below + (place - int(place)) * (ordered[int(place) + 1] - below)
            assert told[side].value == pytest.approx(expected)
            assert told[side].value == np.quantile(times, share)
            assert told[side].low <= expected <= told[side].high
    assert profile_of(*samples[:, 1:]).p99 is None


def test_intervals_are_those_of_scipys_bootstrap() -> None:
    samples = np.random.default_rng(3).gamma(4.0, size=200)
    for statistic, ours in ((np.median, quantile(samples, 0.5)), (np.mean, _mean(samples))):
        theirs = stats.bootstrap((samples,), statistic, n_resamples=4_000, method="percentile", rng=1)
        width = ours.high - ours.low
        assert [ours.low, ours.high] == pytest.approx(list(theirs.confidence_interval), abs=0.15 * width)


def _mean(samples: Array) -> Estimate:
    return bootstrapped(len(samples), lambda rounds: samples[rounds].mean(axis=1))


def test_throughput_counts_all_sequences() -> None:
    found = profile_of([8.0], [4.0], [8.0], config=BenchmarkConfig(tokens=16, batch=2), tokens=Sides(16, 16))
    assert found.throughput.map(lambda rate: rate.value) == Sides(250, 500)


def test_a_model_that_runs_twice_takes_twice_as_long(pair: Sides[Model]) -> None:
    """Loaded models on a clock that only their forward passes move."""
    clock = HandMoved()

    def work(*_: object) -> None:
        clock.pass_(5)

    hooks = [model.network.base_model.embeddings.register_forward_hook(work) for model in pair]
    hooks.append(pair.teacher.network.base_model.embeddings.register_forward_hook(work))
    try:
        found = profile(pair, BenchmarkConfig(), EXAMPLE, rounds=12, clock=clock)
    finally:
        for hook in hooks:
            hook.remove()
    assert found.samples.map(set) == Sides({10.0}, {5.0})
    assert (found.ratio, found.null) == (Estimate(2, 2, 2), Estimate(1, 1, 1))
    assert found.inconclusive_reason is None
    assert found.tokens.teacher == len(read(pair.teacher, EXAMPLE)[0].tokens)
    assert found.checkpoints == pair.map(lambda model: model.checkpoint.name)
    assert (found.texts, found.task, found.rounds_requested) == (EXAMPLE.texts, "sentiment", 12)


def test_a_stopped_run_keeps_what_it_has(pair: Sides[Model]) -> None:
    told: list[Any] = []
    with pytest.raises(Stopped):
        profile(pair, BenchmarkConfig(tokens=8), rounds=50, progress=stop_after(7, told))
    last = told[-1]
    assert last.so_far.rounds == 7 == len(last.so_far.samples.teacher)
    assert [now.so_far.rounds for now in told] == list(range(1, 8))
    assert last.share == pytest.approx(7 / 50) and last.seconds_left > 0
    for earlier in told:
        count = earlier.so_far.rounds
        assert (last.so_far.samples.student[:count] == earlier.so_far.samples.student).all()


def test_time_that_is_up_ends_the_measuring(pair: Sides[Model]) -> None:
    found = profile(pair, BenchmarkConfig(tokens=8), rounds=50, seconds=1e-9)
    assert (found.rounds, found.rounds_requested) == (1, 50)


def test_long_contexts_are_measured_in_all_their_windows(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["question-answering"]
    example = Example("question-answering", "who is he", "the dog was in the city " * 12)
    windows = read(pair.teacher, example)
    assert len(windows) > 1
    found = profile(pair, BenchmarkConfig(batch=2), example, rounds=1)
    assert found.tokens.teacher == sum(len(window.tokens) for window in windows)
