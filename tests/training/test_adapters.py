"""The adapter of a task: what it learns, that a broken-off run ends alike, and what its folder holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors import safe_open
from torch import nn
from transformers import PreTrainedTokenizerBase

from tests.support.small_pair import LABELLED
from tests.support.tiny import tiny_checkpoint
from training.adapters import DROPOUT, merged, publish_adapter, with_adapter, with_head
from training.finetune import FineTuning
from training.loop import Budget, train, trained
from training.recipes import RECIPES

CPU = torch.device("cpu")
RECIPE = replace(RECIPES["sentence-pair"], batch_size=2, rank=4, peak=2e-2)


class KilledError(Exception):
    """What ends a run in the middle."""


class Interrupted(FineTuning):
    """A stage that is killed before its fourth step, once."""

    killed = False

    def losses(self, model: nn.Module, step: int, share: float) -> tuple[dict[str, torch.Tensor], int]:
        if step == 3 and not Interrupted.killed:
            Interrupted.killed = True
            raise KilledError
        return super().losses(model, step, share)


@pytest.fixture
def base(side: str, tmp_path: Path) -> Path:
    """An encoder of two layers, with dropout."""
    return tiny_checkpoint(tmp_path / "base" / side, {"teacher": "bert", "student": "distilbert"}[side], "fill-mask")


@pytest.fixture
def stage(base: Path, tokenizer: PreTrainedTokenizerBase) -> FineTuning:
    encoded = RECIPE.encode(tokenizer, LABELLED, RECIPE.length)
    return FineTuning(RECIPE, base, encoded, encoded, CPU, seed=1)


@pytest.fixture
def learned(stage: FineTuning, tmp_path: Path) -> PeftModel:
    """The model after a few steps in large strides, so that its adapter says something."""
    return train(stage, Budget(steps=6), tmp_path / "run.safetensors", tmp_path / "run.jsonl", CPU)


@pytest.fixture
def reproducible(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """States after every step."""
    monkeypatch.setattr("training.loop.SECONDS_BETWEEN_STATES", 0.0)
    monkeypatch.setattr(Interrupted, "killed", False)
    yield


@pytest.mark.usefixtures("reproducible")
def test_a_killed_and_resumed_run_ends_with_the_bits_of_an_uninterrupted_one(
    stage: FineTuning, learned: PeftModel, tmp_path: Path
) -> None:
    state, log = tmp_path / "broken.safetensors", tmp_path / "broken.jsonl"
    broken = Interrupted(stage.recipe, stage.base, stage.train, stage.test, CPU, stage.seed)
    with pytest.raises(KilledError):
        train(broken, Budget(steps=6), state, log, CPU)
    torch.manual_seed(99)  # as if another process went on
    resumed = train(broken, Budget(steps=6), state, log, CPU)
    ours, theirs = trained(resumed), trained(learned)
    assert ours.keys() == theirs.keys()
    for name, parameter in ours.items():
        assert torch.equal(parameter, theirs[name]), name


def test_dropout_follows_from_the_seed_and_the_step(stage: FineTuning) -> None:
    def loss(stage: FineTuning, step: int) -> float:
        return float(stage.losses(model, step, 0.0)[0]["loss"].detach())

    model = stage.build().train()
    with torch.no_grad():
        for name, parameter in trained(model).items():
            if "lora_B" in name:
                parameter.fill_(0.2)  # at zero, as an adapter starts, what is dropped makes no difference
    every = replace(stage, recipe=replace(RECIPE, batch_size=4))  # the same examples in each step
    assert loss(every, 0) == loss(every, 0)
    assert loss(every, 0) != loss(every, 1)


def test_only_adapter_head_and_pooler_learn_and_are_kept_in_the_state(
    side: str, stage: FineTuning, learned: PeftModel, tmp_path: Path
) -> None:
    parts = {"teacher": ["classifier", "pooler"], "student": ["classifier", "pre_classifier"]}
    heads = {name.partition(".modules_to_save")[0].split(".")[-1] for name in trained(learned) if "lora" not in name}
    assert sorted(heads) == parts[side]
    start = dict(stage.build().named_parameters())
    for name, parameter in learned.named_parameters():
        assert torch.equal(parameter, start[name]) != parameter.requires_grad, name
    with safe_open(tmp_path / "run.safetensors", "pt") as stored:
        kept = {name.partition("/")[2] for name in stored.keys()}  # noqa: SIM118
    assert kept == set(trained(learned))


def test_every_linear_layer_of_the_encoder_is_adapted(stage: FineTuning) -> None:
    model = stage.build()
    adapted = {name for name, module in model.named_modules() if hasattr(module, "lora_A")}
    base = with_head(RECIPE, stage.base)
    linear = {name for name, module in base.named_modules() if isinstance(module, nn.Linear) and ".layer." in name}
    assert {name.removeprefix("base_model.model.") for name in adapted} == linear
    config: Any = model.peft_config["default"]
    assert (config.r, config.lora_alpha, config.lora_dropout) == (RECIPE.rank, 2 * RECIPE.rank, DROPOUT)


def test_ranks_are_the_recipes() -> None:
    ranks = {task: recipe.rank for task, recipe in RECIPES.items()}
    assert ranks == {"sentiment": 16, "entities": 16, "sentence-pair": 32, "question-answering": 32}


def answers(model: Any, stage: FineTuning) -> torch.Tensor:
    """The logits of all examples, [example, label]."""
    inputs = stage.batch(0, model.config.model_type).inputs
    with torch.no_grad():
        return model.eval()(**inputs).logits


def test_a_published_adapter_and_its_base_give_the_learned_model(
    side: str, stage: FineTuning, learned: PeftModel, tmp_path: Path
) -> None:
    folder = tmp_path / "checkpoints" / "sentence-pair" / side
    publish_adapter(learned, RECIPE.labels, stage.base, folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "labels.json",
    ]
    with safe_open(folder / "adapter_model.safetensors", "pt") as stored:
        assert {stored.get_tensor(name).dtype for name in stored.keys()} == {torch.float16}  # noqa: SIM118
    assert json.loads((folder / "labels.json").read_text()) == ["entailment", "not_entailment"]
    config = json.loads((folder / "adapter_config.json").read_text())
    assert not Path(config["base_model_name_or_path"]).is_absolute()
    assert (folder / config["base_model_name_or_path"]).resolve() == stage.base.resolve()

    model = merged(RECIPE, folder)
    assert type(model) is type(with_head(RECIPE, stage.base))
    assert not model.training
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    torch.testing.assert_close(answers(model, stage), answers(learned, stage), atol=5e-3, rtol=5e-3)
    assert float((answers(learned, stage) - answers(stage.build(), stage)).abs().max()) > 0.03


def test_publishing_leaves_the_model_as_it_was(stage: FineTuning, learned: PeftModel, tmp_path: Path) -> None:
    before = answers(learned, stage)
    publish_adapter(learned, RECIPE.labels, stage.base, tmp_path / "adapter")
    assert {parameter.dtype for parameter in learned.parameters()} == {torch.float32}
    assert torch.equal(answers(learned, stage), before)


def test_the_seed_makes_the_adapter(stage: FineTuning, tmp_path: Path) -> None:
    def weights(seed: int) -> torch.Tensor:
        model = replace(stage, seed=seed).build()
        return next(parameter for name, parameter in model.named_parameters() if "lora_A" in name)

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_a_pooler_is_learned_where_there_is_one(base: Path) -> None:
    """BERT's head for question answering reads no pooled state."""
    recipe = RECIPES["question-answering"]
    config: Any = with_adapter(with_head(recipe, base), 2).peft_config["default"]
    assert set(config.modules_to_save) == {"qa_outputs"}
