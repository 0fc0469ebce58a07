"""Where the time goes: every stage is what its parts of the model take, and together they are the whole."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from analysis.inputs.examples import Example
from analysis.latency.profile import Progress, Stage, StageProfile
from analysis.latency.stages import stages
from analysis.latency.summary import stage_summary
from analysis.models.forward import read
from analysis.models.hooks import layers_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.heads import predict
from tests.support.timekeeping import MACHINE, HandMoved
from tests.support.tiny import hooks_of

EXAMPLES = {
    "fill-mask": Example("fill-mask", "the film was [MASK] and good"),
    "sentiment": Example("sentiment", "the film was not good"),
    "entities": Example("entities", "mary lives in paris"),
    "question-answering": Example("question-answering", "who is he", "the dog was in the city " * 12),
    "sentence-pair": Example("sentence-pair", "the film", "was good"),
}
EMBEDDINGS, ATTENTION, FEED_FORWARD, HEAD = 2.0, 3.0, 5.0, 7.0  # ms on the clock that the test moves


@pytest.fixture
def slowed(tiny_pair: Sides[Model]) -> Iterator[tuple[Sides[Model], HandMoved]]:
    """Each task's pair, whose parts take so many ms on `clock`, which stands still otherwise."""
    clock, hooks = HandMoved(), []

    def takes(module: torch.nn.Module, ms: float) -> None:
        hooks.append(module.register_forward_pre_hook(lambda *_: clock.pass_(ms)))

    for model in tiny_pair:
        takes(model.network.base_model.embeddings, EMBEDDINGS)
        for number, layer in enumerate(layers_of(model), start=1):
            takes(layer.get_submodule(model.family.attention_norm), ATTENTION * number)
            takes(layer.get_submodule({"bert": "output", "distilbert": "ffn"}[model.architecture]), FEED_FORWARD)
        takes([part for part in model.network.children() if any(True for _ in part.parameters())][-1], HEAD)
    yield tiny_pair, clock
    for hook in hooks:
        hook.remove()


def test_every_stage_is_what_its_parts_take_and_together_they_are_the_whole(
    slowed: tuple[Sides[Model], HandMoved],
) -> None:
    pair, clock = slowed
    example = EXAMPLES[pair.teacher.task]
    windows = len(read(pair.teacher, example))
    assert (windows > 1) == (example.task == "question-answering")
    found = stages(pair, example, rounds=3, clock=clock)
    layers = [ms for layer in (1, 2) for ms in (ATTENTION * layer, FEED_FORWARD)]
    expected = [0.0, *(windows * np.array([EMBEDDINGS, *layers, HEAD])), 0.0]
    kinds = ["tokenizer", "embeddings", *["attention", "feed-forward"] * 2, "task head", "post-processing"]
    for names, samples, whole in zip(found.stages, found.samples, found.whole, strict=True):
        assert [name.kind for name in names] == kinds
        assert samples == pytest.approx(np.tile(expected, (3, 1)))
        assert whole == pytest.approx(sum(expected))
    assert [gap.value for gap in found.gap] == pytest.approx([0, 0])
    assert "within 5%" in found.finding and found.finding.startswith("The stages add up")


def test_the_shared_models_are_left_without_hooks_and_answer_as_before(tiny_pair: Sides[Model]) -> None:
    example = EXAMPLES[tiny_pair.teacher.task]
    before = tiny_pair.map(lambda model: (predict(model, example).summary, hooks_of(model)))
    stages(tiny_pair, example, rounds=1)
    assert tiny_pair.map(lambda model: (predict(model, example).summary, hooks_of(model))) == before


def test_a_stopped_run_keeps_its_rounds(tiny_pairs: dict[str, Sides[Model]]) -> None:
    told = []

    def progress(now: Progress) -> None:
        told.append(now.so_far)
        if now.so_far.rounds == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stages(tiny_pairs["sentiment"], EXAMPLES["sentiment"], rounds=9, progress=progress)
    assert (told[-1].rounds, told[-1].rounds_requested) == (2, 9)
    assert told[-1].samples.teacher.shape == (2, 8)


def profile_of(stages_ms: Sequence[float], whole_ms: Sequence[float]) -> StageProfile:
    """A profile of one stage a model, with these times [round]."""
    return StageProfile(
        task="sentiment",
        texts=("a",),
        checkpoints=Sides("a/teacher", "a/student"),
        stages=Sides(*[(Stage("attention", 1),)] * 2),
        samples=Sides(*[np.array(stages_ms)[:, None]] * 2),
        whole=Sides(*[np.array(whole_ms)] * 2),
        threads=1,
        rounds_requested=len(whole_ms),
        started="2026-01-01T00:00:00+00:00",
        machine=MACHINE,
    )


def test_the_shares_of_the_layers_are_told_for_each_model() -> None:
    parts = (Stage("tokenizer"), Stage("attention", 1), Stage("feed-forward", 1), Stage("task head"))
    times = Sides(np.array([[1.0, 2.0, 6.0, 1.0]] * 3), np.array([[2.0, 2.0, 4.0, 2.0]] * 3))
    profile = replace(profile_of([1.0] * 3, [1.0] * 3), stages=Sides(parts, parts), samples=times)
    assert stage_summary(profile) == (
        "The layers take 80% of the teacher's time and 60% of the student's; their feed-forward parts alone "
        "take 60% and 40%."
    )


def test_a_gap_is_told_with_its_size() -> None:
    assert "add up, within 5%, to the whole" in profile_of([1.04] * 20, [1.0] * 20).finding
    told = profile_of([0.8] * 20, [1.0] * 20)
    assert "do not add up" in told.finding and "−20.0%" in told.finding
    noise = np.exp(np.random.default_rng(0).standard_normal((2, 12)))
    assert "not clear" in profile_of(*noise).finding


def test_layers_are_named_from_one() -> None:
    assert Stage("attention", 3).name == "layer 3: attention"
    assert Stage("task head").name == "task head"
