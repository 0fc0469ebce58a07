"""The second objective of tasks on two texts: what it asks, that it fades, and that nothing of it is published."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from small_pair import LABELLED
from transformers import PreTrainedTokenizerBase

from training.comparing import READER, recurrence_loss, recurring
from training.evaluate import SIDES
from training.finetune import LAST_PART, FineTuning
from training.publish import publish
from training.recipes import RECIPES

CPU = torch.device("cpu")


def stage_of(
    folder: Path, tokenizer: PreTrainedTokenizerBase, first_length: int | None = None, two_texts: bool = True
) -> FineTuning:
    recipe = replace(RECIPES["sentence-pair"], first_length=first_length, two_texts=two_texts, batch_size=4)
    cut = {length: recipe.encode(tokenizer, LABELLED, length) for _, length in recipe.lengths()}
    return FineTuning(recipe, folder, cut, cut[recipe.length], CPU)


def test_a_piece_recurs_where_the_other_segment_has_it_too() -> None:
    ids = torch.tensor([[2, 7, 8, 7, 3, 9, 7, 3, 0], [2, 8, 3, 8, 8, 6, 3, 0, 0]])
    segments = torch.tensor([[0, 0, 0, 0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1, 1, 0, 0]])
    found = recurring(ids, segments, (ids != 0).long())
    assert found[0].nonzero().flatten().tolist() == [1, 3, 4, 6, 7]
    assert found[1].nonzero().flatten().tolist() == [1, 2, 3, 4, 6]


def test_padding_does_not_recur() -> None:
    ids, segments = torch.tensor([[2, 7, 3, 7, 3]]), torch.tensor([[0, 0, 0, 1, 1]])
    assert recurring(ids, segments, torch.tensor([[1, 1, 1, 0, 0]])).tolist() == [[False, False, False, True, True]]


@torch.no_grad()
@pytest.mark.parametrize("side", SIDES)
def test_the_loss_is_the_mean_surprise_over_the_ordinary_pieces(
    side: str, pretrained: Path, tokenizer: PreTrainedTokenizerBase
) -> None:
    model = stage_of(pretrained / side, tokenizer).build(0, fresh=True)
    layers = model.config.num_hidden_layers
    ids, segments = torch.tensor([[2, 7, 8, 3, 9, 7, 3, 0]]), torch.tensor([[0, 0, 0, 0, 1, 1, 1, 0]])
    states = tuple(torch.randn(1, 8, 32) for _ in range(layers + 1))
    odds = (states[layers // 2] @ model.get_submodule(READER).weight.T + model.get_submodule(READER).bias).flatten()
    surprises = [math.log1p(math.exp((1 - 2 * (ids[0, at] == 7)) * odds[at])) for at in (1, 2, 4, 5)]
    loss = recurrence_loss(model, states, {"input_ids": ids, "attention_mask": (ids != 0).long()}, segments)
    assert float(loss) == pytest.approx(sum(surprises) / 4, rel=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("side", SIDES)
def test_the_second_objective_fades_while_the_budget_is_spent(
    side: str, pretrained: Path, tokenizer: PreTrainedTokenizerBase
) -> None:
    stage = stage_of(pretrained / side, tokenizer)
    model = stage.build(0, fresh=True)
    for share in (0.0, 0.4, 1.0):
        losses, _ = stage.losses(model, 0, share)
        assert float(losses["loss"]) == pytest.approx(float(losses["task"] + (1 - share) * losses[READER]), rel=1e-6)
    assert float(losses[READER]) > 0.1


def test_a_task_on_one_text_has_no_second_objective(pretrained: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    stage = stage_of(pretrained / "student", tokenizer, two_texts=False)
    model = stage.build(0, fresh=True)
    assert list(stage.losses(model, 0, 0.0)[0]) == ["loss"]
    assert not hasattr(model, READER)
    assert {task for task, recipe in RECIPES.items() if recipe.two_texts} == {"question-answering", "sentence-pair"}


@pytest.mark.parametrize("side", SIDES)
def test_what_is_published_has_nothing_of_it(
    side: str, pretrained: Path, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    stage = stage_of(pretrained / side, tokenizer)
    model = stage.build(0, fresh=True)
    before = set(model.state_dict())
    publish(stage.published(model), tokenizer, tmp_path)
    with safe_open(tmp_path / "model.safetensors", "pt") as stored:
        assert set(stored.keys()) == {name for name in before if READER not in name} != before


def test_sequences_are_short_in_the_first_part_of_the_budget(
    pretrained: Path, tokenizer: PreTrainedTokenizerBase
) -> None:
    stage = stage_of(pretrained / "student", tokenizer, first_length=16)
    model, read = stage.build(0, fresh=True), []
    for share in (0.0, LAST_PART - 0.01, LAST_PART, 1.0):
        read.append(stage.losses(model, 0, share)[1])
    whole = sum(map(len, stage.train[stage.recipe.length].ids))
    assert read[:2] == [sum(map(len, stage.train[16].ids))] * 2
    assert read[2:] == [whole] * 2 > read[:2]
