"""Latency: known ratios are found, noise is told from a difference, and shared models stay as they are."""

from collections import Counter
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats
from timekeeping import HandMoved, measured_on, profile_of

from analysis.errors import AnalysisError
from analysis.estimates import Estimate, bootstrapped
from analysis.examples import Example
from analysis.latency import limits, measure, variants
from analysis.latency.machine import cores, machine
from analysis.latency.measure import balanced_orders, profile, random_batch
from analysis.latency.sweep import AXES, sweep
from analysis.latency.values import FEWEST_FOR_P99, FEWEST_ROUNDS, Setting, quantile
from analysis.latency.variants import ATTENTIONS, PRECISIONS, variant
from analysis.pairs import Sides
from analysis.trace import columns, read

EXAMPLE = Example("sentiment", "the film was not good")


@pytest.fixture
def pair(tiny_pairs):
    return tiny_pairs["sentiment"]


def jittered(clock, ms, spread, seed):
    """What takes about so many ms, with a spread that is log-normal, as that of latencies is."""
    generator = np.random.default_rng(seed)
    return lambda: clock.pass_(ms * np.exp(spread * generator.standard_normal()))


class Stopped(Exception):
    """Raised by who watches, to stop."""


def stop_after(rounds, told):
    def progress(now):
        told.append(now)
        if len(told) == rounds:
            raise Stopped

    return progress


@pytest.mark.parametrize("count", range(2, 8))
def test_each_work_has_every_place_and_follows_every_other_equally_often(count):
    orders = balanced_orders(count)
    assert all(sorted(order) == list(range(count)) for order in orders)
    places = Counter(place for order in orders for place in enumerate(order))
    followers = Counter(step for order in orders for step in pairwise(order))
    assert len(places) == count**2 and len(set(places.values())) == 1
    assert len(followers) == count * (count - 1) and len(set(followers.values())) == 1


def twice_against_once(seed, rounds=60):
    """A profile of who does the same work twice, and who does it once."""
    clock = HandMoved()
    once = jittered(clock, 3.0, 0.1, seed)

    def twice():
        once()
        once()

    return measured_on(clock, twice, once, rounds)


def test_who_does_the_same_work_twice_takes_twice_as_long():
    found = twice_against_once(seed=0)
    assert found.ratio.low < 2 < found.ratio.high
    assert found.null.low < 1 < found.null.high
    assert found.trouble is None
    assert f"{found.ratio.value:.2f}x as fast" in found.finding


def test_95_in_100_intervals_hold_the_true_ratio():
    found = [twice_against_once(seed) for seed in range(100)]
    for truth, intervals in ((2, [one.ratio for one in found]), (1, [one.null for one in found])):
        held = sum(interval.low <= truth <= interval.high for interval in intervals)
        assert 88 <= held <= 100  # of 1,000 trials of 100 at 0.95, 998 lie here


def test_load_that_comes_and_goes_moves_the_times_and_not_the_ratio():
    clock, load = HandMoved(), np.random.default_rng(1)

    def slowed(ms):
        return lambda: clock.pass_(ms * slowness)

    rows = []
    for _ in range(30):
        slowness = float(load.choice([1.0, 4.0]))
        rows.append(measured_on(clock, slowed(6.0), slowed(2.0), rounds=1))
    found = profile_of(*(np.concatenate(side) for side in zip(*((*r.samples, r.again) for r in rows), strict=True)))
    assert found.p90.teacher.value > 3 * np.min(found.samples.teacher)
    assert (found.ratio.low, found.ratio.value, found.ratio.high) == pytest.approx((3, 3, 3))
    assert found.trouble is None


def test_noise_gets_the_verdict_that_nothing_can_be_concluded():
    clock = HandMoved()
    found = measured_on(clock, jittered(clock, 6.0, 1.5, 0), jittered(clock, 3.0, 1.5, 1), rounds=50)
    assert found.finding == found.trouble
    assert "too large to conclude" in found.finding
    assert f"{found.null.high:.2f}x" in found.finding


def test_a_ratio_that_is_all_over_the_place_is_not_told_though_the_null_is_steady():
    generator = np.random.default_rng(0)
    student = 3 * np.exp(generator.standard_normal(30))
    found = profile_of(np.full(30, 6.0), student, np.full(30, 6.0))
    assert found.null.low == found.null.high == 1
    assert found.trouble is not None and f"{found.ratio.low:.2f}x" in found.trouble


def test_the_verdict_says_which_is_faster_or_that_neither_is():
    steady = np.full(FEWEST_ROUNDS, 4.0)
    assert "2.00x as fast" in profile_of(steady, steady / 2, steady).finding
    assert "slower" in profile_of(steady, steady * 2, steady).finding
    assert "No difference" in profile_of(steady, steady, steady).finding
    few = [4.0] * (FEWEST_ROUNDS - 1)
    assert "too few" in profile_of(few, few, few).finding


def test_quantiles_are_those_of_numpy_and_p99_waits_for_a_thousand_samples():
    samples = np.random.default_rng(0).gamma(2.0, size=(3, FEWEST_FOR_P99))
    found = profile_of(*samples)
    for side, times in zip(("teacher", "student"), samples, strict=False):
        ordered = np.sort(times)
        for share, told in ((0.5, found.p50), (0.9, found.p90), (0.99, found.p99)):
            place = share * (len(times) - 1)
            below = ordered[int(place)]
            expected = below + (place - int(place)) * (ordered[int(place) + 1] - below)
            assert getattr(told, side).value == pytest.approx(expected)
            assert getattr(told, side).value == np.quantile(times, share)
            assert getattr(told, side).low <= expected <= getattr(told, side).high
    assert profile_of(*samples[:, 1:]).p99 is None


def test_intervals_are_those_of_scipys_bootstrap():
    samples = np.random.default_rng(3).gamma(4.0, size=200)
    for statistic, ours in ((np.median, quantile(samples, 0.5)), (np.mean, _mean(samples))):
        theirs = stats.bootstrap((samples,), statistic, n_resamples=4_000, method="percentile", rng=1)
        width = ours.high - ours.low
        assert [ours.low, ours.high] == pytest.approx(list(theirs.confidence_interval), abs=0.15 * width)


def _mean(samples):
    return bootstrapped(len(samples), lambda rounds: samples[rounds].mean(axis=1))


def test_throughput_counts_all_sequences_and_their_tokens():
    found = profile_of([8.0], [4.0], [8.0], setting=Setting(tokens=16, batch=2), tokens=Sides(16, 16))
    assert found.throughput.map(lambda rate: rate.value) == Sides(250, 500)
    assert found.tokens_a_second.map(lambda rate: rate.value) == Sides(4_000, 8_000)


def test_a_model_that_runs_twice_takes_twice_as_long(pair):
    """Loaded models on a clock that only their forward passes move."""
    clock = HandMoved()

    def work(*_):
        clock.pass_(5)

    hooks = [model.network.base_model.embeddings.register_forward_hook(work) for model in pair]
    hooks.append(pair.teacher.network.base_model.embeddings.register_forward_hook(work))
    try:
        found = profile(pair, Setting(), EXAMPLE, rounds=12, clock=clock)
    finally:
        for hook in hooks:
            hook.remove()
    assert found.samples.map(set) == Sides({10.0}, {5.0})
    assert (found.ratio, found.null) == (Estimate(2, 2, 2), Estimate(1, 1, 1))
    assert found.trouble is None
    assert found.tokens.teacher == len(read(pair.teacher, EXAMPLE)[0].tokens)
    assert found.checkpoints == pair.map(lambda model: model.checkpoint.name)
    assert (found.texts, found.task, found.asked) == (EXAMPLE.texts, "sentiment", 12)


def test_a_stopped_run_keeps_what_it_has(pair):
    told = []
    with pytest.raises(Stopped):
        profile(pair, Setting(tokens=8), rounds=50, progress=stop_after(7, told))
    last = told[-1]
    assert last.so_far.rounds == 7 == len(last.so_far.samples.teacher)
    assert [now.so_far.rounds for now in told] == list(range(1, 8))
    assert last.share == pytest.approx(7 / 50) and last.seconds_left > 0
    for earlier in told:
        count = earlier.so_far.rounds
        assert (last.so_far.samples.student[:count] == earlier.so_far.samples.student).all()


def test_time_that_is_up_ends_the_measuring(pair):
    found = profile(pair, Setting(tokens=8), rounds=50, seconds=1e-9)
    assert (found.rounds, found.asked) == (1, 50)


def test_long_contexts_are_measured_in_all_their_windows(tiny_pairs):
    pair = tiny_pairs["question-answering"]
    example = Example("question-answering", "who is he", "the dog was in the city " * 12)
    windows = read(pair.teacher, example)
    assert len(windows) > 1
    found = profile(pair, Setting(batch=2), example, rounds=1)
    assert found.tokens.teacher == sum(len(window.tokens) for window in windows)


def test_random_tokens_are_whole_sequences(pair):
    for model in pair:
        batch = random_batch(model, Setting(tokens=9, batch=3))
        assert batch["input_ids"].shape == (3, 9)
        assert (batch["input_ids"][:, 0] == model.tokenizer.cls_token_id).all()
        assert (batch["input_ids"][:, -1] == model.tokenizer.sep_token_id).all()
        assert ("token_type_ids" in batch) == (model.architecture == "bert")


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_variant_answers_alike_and_leaves_the_shared_model_alone(pair, side, attention, precision):
    model = getattr(pair, side)
    before = [tensor.clone() for tensor in model.network.state_dict().values()]
    logits = read(model, EXAMPLE)[0].logits
    tokens = read(model, EXAMPLE)[0].tokens
    own = variant(model, Setting(attention=attention, precision=precision))
    with torch.inference_mode():
        answered = own.network(**columns(own, tokens.ids[None], tokens.segments[None])).logits[0]
    tolerance = {"float32": 1e-5, "bfloat16": 0.1, "int8": 0.3}[precision]
    assert answered.float().numpy() == pytest.approx(logits, abs=tolerance)
    assert own.network.config._attn_implementation == attention
    assert model.network.config._attn_implementation == "sdpa"
    assert all(torch.equal(one, other) for one, other in zip(before, model.network.state_dict().values(), strict=True))
    assert read(model, EXAMPLE)[0].logits.tobytes() == logits.tobytes()
    shared = {tensor.data_ptr() for tensor in model.network.parameters()}
    assert (shared >= {tensor.data_ptr() for tensor in own.network.parameters()}) == (precision != "bfloat16")


def test_smaller_numbers_take_less_memory(pair):
    sizes = {
        key: pair.map(lambda model, key=key: variant(model, Setting(precision=key)).size_bytes) for key in PRECISIONS
    }
    for one, model in zip(sizes["float32"], pair, strict=True):
        assert one == model.size_bytes
    linear = pair.map(
        lambda model: sum(part.weight.numel() for part in model.network.modules() if isinstance(part, torch.nn.Linear))
    )
    for whole, int8, count in zip(sizes["float32"], sizes["int8"], linear, strict=True):
        assert whole - int8 == 3 * count
    floats = pair.map(lambda model: sum(p.nbytes for p in model.network.parameters()))
    for whole, half, count in zip(sizes["float32"], sizes["bfloat16"], floats, strict=True):
        assert whole - half == count // 2


def test_what_does_not_run_says_why(pair, monkeypatch):
    def missing(*_, **__):
        raise AttributeError("module has no such thing\nand more")

    monkeypatch.setattr(torch.ao.quantization, "quantize_dynamic", missing)
    with pytest.raises(AnalysisError, match=r"int8 .* does not run here \(cpu\): module has no such thing$"):
        variant(pair.teacher, Setting(precision="int8"))


MISTAKES = {
    "attention": (Setting(8, attention="flash"), "sdpa, eager"),
    "precision": (Setting(8, precision="float8"), "float32, bfloat16, int8"),
    "device": (Setting(8, device="tpu"), "cpu, cuda"),
    "batch": (Setting(8, batch=33), "1 to 32"),
    "threads": (Setting(8, threads=0), f"1 to {cores()}"),
    "too long": (Setting(65), "3 to 64"),
    "too short": (Setting(2), "3 to 64"),
}


@pytest.mark.parametrize(("setting", "part"), MISTAKES.values(), ids=MISTAKES)
def test_a_setting_that_cannot_be_is_named_with_what_can_be(pair, setting, part):
    with pytest.raises(AnalysisError, match=part):
        profile(pair, setting, rounds=1)


def test_where_strangers_wait_one_pass_is_smaller(pair, monkeypatch):
    asked = Setting(64, batch=32)
    limits.check(pair, asked)
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    with pytest.raises(AnalysisError, match="2,048 tokens; at most 1,024"):
        limits.check(pair, asked)


@pytest.mark.parametrize("rounds", [0, limits.MOST_ROUNDS + 1])
def test_rounds_are_bounded(pair, rounds):
    with pytest.raises(AnalysisError, match="number of rounds"):
        profile(pair, Setting(8), rounds=rounds)


def test_a_profile_is_of_a_text_or_of_a_length(pair):
    for setting, example in ((Setting(), None), (Setting(8), EXAMPLE)):
        with pytest.raises(ValueError, match="an example or"):
            profile(pair, setting, example, rounds=1)


@pytest.mark.parametrize("axis", AXES)
def test_a_sweep_has_all_points_of_its_axis_or_says_why_not(pair, axis):
    found = sweep(pair, axis, Setting(tokens=8), rounds=1)
    missing = [getattr(one.setting, axis) for one in found.unavailable]
    assert sorted([*found.at, *missing], key=AXES[axis].index) == list(AXES[axis])
    assert all(profile.rounds == 1 for profile in found.profiles)
    if axis == "tokens":
        assert missing == [128, 256, 512]
        assert "3 to 64" in found.unavailable[0].reason
    elif axis == "device":
        assert missing == ([] if torch.cuda.is_available() else ["cuda"])
    else:
        assert missing == []


def test_a_stopped_sweep_has_all_points_once_they_were_visited(pair):
    told = []
    with pytest.raises(Stopped):
        sweep(pair, "attention", Setting(tokens=8), rounds=6, progress=stop_after(5, told))
    assert [[profile.rounds for profile in now.so_far.profiles] for now in told] == [[1], [2], [2, 1], [2, 2], [3, 2]]
    assert [now.share for now in told] == pytest.approx([n / 12 for n in range(1, 6)])


def test_threads_are_as_before_whatever_stops_the_measuring(pair, monkeypatch):
    monkeypatch.setattr(measure, "WARM_UP", 0)
    before, seen = torch.get_num_threads(), []

    def stop(_):
        seen.append(torch.get_num_threads())
        raise Stopped

    asked = Setting(8, threads=cores())
    for measuring in (partial(profile, pair, asked), partial(sweep, pair, "attention", asked)):
        with pytest.raises(Stopped):
            measuring(rounds=1, progress=stop)
        assert torch.get_num_threads() == before
    assert seen == [cores()] * 2


def test_points_that_did_not_come_to_their_turn_say_so(pair):
    found = sweep(pair, "batch", Setting(tokens=8), rounds=3, seconds=1e-9)
    assert found.at == (1,)
    assert [one.setting.batch for one in found.unavailable] == [2, 4, 8, 16, 32]
    assert "did not come" in found.unavailable[0].reason


def test_an_unknown_axis_is_answered_with_those_there_are(pair):
    with pytest.raises(AnalysisError, match="tokens, batch, threads, attention, precision, device"):
        sweep(pair, "colour", Setting(tokens=8))


def test_the_machine_is_told_with_the_versions_that_computed():
    told = machine()
    assert dict(told.versions)["torch"] == torch.__version__
    assert told.cores >= 1 and told.memory_bytes > 100_000_000
    assert told.processor and told.instructions


def test_variants_are_copies_without_what_was_hooked_in_later(pair, side):
    model = getattr(pair, side)
    own = variants.copied(model)
    own.base_model.embeddings.register_forward_hook(lambda *_: pytest.fail("hooked into the shared model"))
    read(model, EXAMPLE)
