"""How fast each part of a model learns."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertForMaskedLM

from training.distil import student_of
from training.loop import Pace, one_step, optimiser_for


@pytest.fixture
def teacher() -> BertForMaskedLM:
    sizes = {"vocab_size": 20, "hidden_size": 8, "intermediate_size": 8}
    return BertForMaskedLM(BertConfig(**sizes, num_hidden_layers=12, num_attention_heads=2))


def shares(model: nn.Module, pace: Pace) -> dict[str, float]:
    """The share of the learning rate that each parameter has."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = optimiser_for(model, pace).param_groups
    return {names[id(own)]: group["share"] for group in groups for own in group["params"]}


def test_lower_layers_learn_more_slowly_by_relative_depth(teacher: BertForMaskedLM) -> None:
    of_teacher, of_student = (shares(model, Pace(1e-3, lowest=0.25)) for model in (teacher, student_of(teacher)))
    layers = [of_teacher[f"bert.encoder.layer.{layer}.output.dense.weight"] for layer in range(12)]
    assert layers == pytest.approx([0.25 ** (1 - number / 12) for number in range(1, 13)])
    fewer = [of_student[f"distilbert.transformer.layer.{layer}.ffn.lin2.weight"] for layer in range(6)]
    assert fewer == pytest.approx(layers[1::2])
    assert of_teacher["bert.embeddings.LayerNorm.bias"] == of_student["distilbert.embeddings.LayerNorm.bias"] == 0.25
    assert of_teacher["cls.predictions.transform.dense.weight"] == of_student["vocab_transform.weight"] == 1
    assert len(of_teacher) == len(list(teacher.parameters()))


def test_without_a_lowest_rate_all_learn_alike(teacher: BertForMaskedLM) -> None:
    assert set(shares(teacher, Pace(1e-3)).values()) == {1}


def test_a_step_moves_each_parameter_at_its_rate(teacher: BertForMaskedLM) -> None:
    """The first step of Adam moves every number by the whole rate."""
    low, high = teacher.bert.embeddings.LayerNorm.bias, teacher.cls.predictions.transform.LayerNorm.bias
    before = [each.detach().clone() for each in (low, high)]
    stage = SimpleNamespace(losses=lambda *_: ({"loss": low.sum() + high.sum()}, 1), pace=Pace(1e-3, lowest=0.25))
    one_step(stage, teacher, optimiser_for(teacher, stage.pace), 0, 0.0, 1e-3)
    moved = [earlier - now.detach() for earlier, now in zip(before, (low, high), strict=True)]
    torch.testing.assert_close(moved, [torch.full_like(low, 2.5e-4), torch.full_like(high, 1e-3)], rtol=1e-3, atol=0)
