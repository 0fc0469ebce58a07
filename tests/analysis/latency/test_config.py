"""Settings that can be measured, variants that leave the shared model alone, and sweeps that can be stopped."""

from functools import partial
from typing import Any

import pytest
import torch

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.latency import limits, measure
from analysis.latency import model_variants as variants
from analysis.latency.config import BenchmarkConfig
from analysis.latency.machine import cores, machine
from analysis.latency.measure import profile, random_batch
from analysis.latency.model_variants import ATTENTIONS, PRECISIONS, variant
from analysis.latency.sweep import AXES, sweep
from analysis.models.forward import columns, read
from analysis.models.model import Model
from analysis.models.pairs import Sides
from tests.support.timekeeping import Stopped, stop_after

EXAMPLE = Example("sentiment", "the film was not good")


@pytest.fixture
def pair(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Model]:
    return tiny_pairs["sentiment"]


def test_random_tokens_are_whole_sequences(pair: Sides[Model]) -> None:
    for model in pair:
        batch = random_batch(model, BenchmarkConfig(tokens=9, batch=3))
        assert batch["input_ids"].shape == (3, 9)
        assert (batch["input_ids"][:, 0] == model.tokenizer.cls_token_id).all()
        assert (batch["input_ids"][:, -1] == model.tokenizer.sep_token_id).all()
        assert ("token_type_ids" in batch) == (model.architecture == "bert")


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_variant_answers_alike_and_leaves_the_shared_model_alone(
    pair: Sides[Model], side: str, attention: str, precision: str
) -> None:
    model = pair[side]
    before = [tensor.clone() for tensor in model.network.state_dict().values()]
    logits = read(model, EXAMPLE)[0].logits
    tokens = read(model, EXAMPLE)[0].tokens
    own = variant(model, BenchmarkConfig(attention=attention, precision=precision))
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


def test_smaller_numbers_take_less_memory(pair: Sides[Model]) -> None:
    sizes = {
        key: pair.map(lambda model, key=key: variant(model, BenchmarkConfig(precision=key)).size_bytes)
        for key in PRECISIONS
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


def test_what_does_not_run_says_why(pair: Sides[Model], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise AttributeError("module has no such thing\nand more")

    monkeypatch.setattr(torch.ao.quantization, "quantize_dynamic", missing)
    with pytest.raises(AnalysisError, match=r"int8 .* does not run here \(cpu\): module has no such thing$"):
        variant(pair.teacher, BenchmarkConfig(precision="int8"))


MISTAKES = {
    "attention": (BenchmarkConfig(8, attention="flash"), "sdpa, eager"),
    "precision": (BenchmarkConfig(8, precision="float8"), "float32, bfloat16, int8"),
    "device": (BenchmarkConfig(8, device="tpu"), "cpu, cuda"),
    "batch": (BenchmarkConfig(8, batch=33), "1 to 32"),
    "threads": (BenchmarkConfig(8, threads=0), f"1 to {cores()}"),
    "too long": (BenchmarkConfig(65), "3 to 64"),
    "too short": (BenchmarkConfig(2), "3 to 64"),
}


@pytest.mark.parametrize(("config", "part"), MISTAKES.values(), ids=MISTAKES)
def test_a_setting_that_cannot_be_is_named_with_what_can_be(
    pair: Sides[Model], config: BenchmarkConfig, part: str
) -> None:
    with pytest.raises(AnalysisError, match=part):
        profile(pair, config, rounds=1)


def test_where_strangers_wait_one_pass_is_smaller(pair: Sides[Model], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = BenchmarkConfig(64, batch=32)
    limits.check(pair, asked)
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    with pytest.raises(AnalysisError, match="2,048 tokens; at most 1,024"):
        limits.check(pair, asked)


@pytest.mark.parametrize("rounds", [0, limits.MOST_ROUNDS + 1])
def test_rounds_are_bounded(pair: Sides[Model], rounds: int) -> None:
    with pytest.raises(AnalysisError, match="number of rounds"):
        profile(pair, BenchmarkConfig(8), rounds=rounds)


def test_a_profile_is_of_a_text_or_of_a_length(pair: Sides[Model]) -> None:
    for config, example in ((BenchmarkConfig(), None), (BenchmarkConfig(8), EXAMPLE)):
        with pytest.raises(ValueError, match="an example or"):
            profile(pair, config, example, rounds=1)


@pytest.mark.parametrize("axis", AXES)
def test_a_sweep_has_all_points_of_its_axis_or_says_why_not(pair: Sides[Model], axis: str) -> None:
    found = sweep(pair, axis, BenchmarkConfig(tokens=8), rounds=1)
    missing = [getattr(one.config, axis) for one in found.unavailable]
    assert sorted([*found.at, *missing], key=AXES[axis].index) == list(AXES[axis])
    assert all(profile.rounds == 1 for profile in found.profiles)
    if axis == "tokens":
        assert missing == [128, 256, 512]
        assert "3 to 64" in found.unavailable[0].reason
    elif axis == "device":
        assert missing == ([] if torch.cuda.is_available() else ["cuda"])
    else:
        assert missing == []


def test_a_stopped_sweep_has_all_points_once_they_were_visited(pair: Sides[Model]) -> None:
    told: list[Any] = []
    with pytest.raises(Stopped):
        sweep(pair, "attention", BenchmarkConfig(tokens=8), rounds=6, progress=stop_after(5, told))
    assert [[profile.rounds for profile in now.so_far.profiles] for now in told] == [[1], [2], [2, 1], [2, 2], [3, 2]]
    assert [now.share for now in told] == pytest.approx([n / 12 for n in range(1, 6)])


def test_threads_are_as_before_whatever_stops_the_measuring(
    pair: Sides[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "WARM_UP", 0)
    before, seen = torch.get_num_threads(), []

    def stop(_: object) -> None:
        seen.append(torch.get_num_threads())
        raise Stopped

    config = BenchmarkConfig(8, threads=cores())
    for measuring in (partial(profile, pair, config), partial(sweep, pair, "attention", config)):
        with pytest.raises(Stopped):
            measuring(rounds=1, progress=stop)
        assert torch.get_num_threads() == before
    assert seen == [cores()] * 2


def test_points_that_did_not_come_to_their_turn_say_so(pair: Sides[Model]) -> None:
    found = sweep(pair, "batch", BenchmarkConfig(tokens=8), rounds=3, seconds=1e-9)
    assert found.at == (1,)
    assert [one.config.batch for one in found.unavailable] == [2, 4, 8, 16, 32]
    assert "not reached" in found.unavailable[0].reason


def test_an_unknown_axis_is_answered_with_those_there_are(pair: Sides[Model]) -> None:
    with pytest.raises(AnalysisError, match="tokens, batch, threads, attention, precision, device"):
        sweep(pair, "colour", BenchmarkConfig(tokens=8))


def test_the_machine_is_told_with_the_versions_that_computed() -> None:
    told = machine()
    assert dict(told.versions)["torch"] == torch.__version__
    assert told.cores >= 1 and told.memory_bytes > 100_000_000
    assert told.processor and told.instructions


def test_variants_are_copies_without_what_was_hooked_in_later(pair: Sides[Model], side: str) -> None:
    model = pair[side]
    own = variants.copied(model)
    own.base_model.embeddings.register_forward_hook(lambda *_: pytest.fail("hooked into the shared model"))
    read(model, EXAMPLE)
