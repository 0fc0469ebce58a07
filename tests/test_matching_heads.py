"""Heads that compare pieces find equal ones, and change nothing before training has found a use for them."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM

from training.batches import Batch
from training.matching import COMPARED, add_matching_heads, beside, piece_reader, weakest_heads

PIECES, ORDINARY, WIDTH = 60, 5, 16


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def unlike_pieces(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """States [state, 4] around their piece's mean, which is spread by 3, 2, 1 and 0 spreads of the noise."""
    pieces = torch.randint(ORDINARY, 2_000, (count,))
    means = torch.randn(2_000, 4) * torch.tensor([3.0, 2.0, 1.0, 0.0])
    return means[pieces] + torch.randn(count, 4), pieces


def test_the_product_is_the_likelihood_ratio_of_one_piece_against_any_two() -> None:
    """Its part that depends on both states is minus the off-diagonal block of the inverse joint covariance."""
    weights, _ = piece_reader(*unlike_pieces(200_000), ORDINARY, 4)
    between = torch.diag(torch.tensor([9.0, 4.0, 1.0, 0.0]))
    joint = torch.cat([torch.cat([between + torch.eye(4), between]), torch.cat([between, between + torch.eye(4)])], 1)
    expected = -torch.linalg.inv(joint)[:4, 4:]
    torch.testing.assert_close(weights.T @ weights / 2, expected, atol=0.02, rtol=0)


def test_the_mean_piece_is_read_as_nothing() -> None:
    states, pieces = unlike_pieces(50_000)
    weights, bias = piece_reader(states + 7, pieces, ORDINARY, 4)
    assert float((states @ weights.T + weights.sum(1) * 7 + bias).mean(0).abs().max()) < 0.2


@pytest.mark.parametrize("offset", [-2, 0, 1])
def test_a_state_is_paired_with_the_piece_beside_it(offset: int) -> None:
    states, pieces = torch.arange(12.0).view(2, 6, 1), torch.arange(12).view(2, 6)
    here, there = beside(states, pieces, offset)
    assert len(here) == 2 * (6 - abs(offset))
    assert torch.equal(here.squeeze(1) + offset, there.float())


@pytest.fixture
def model() -> BertForMaskedLM:
    config = BertConfig(
        vocab_size=PIECES,
        hidden_size=4 * WIDTH,
        num_hidden_layers=max(COMPARED) + 1,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.2,
        attn_implementation="eager",
    )
    return BertForMaskedLM(config).eval()


@pytest.fixture
def batch() -> Batch:
    """Sequences of random pieces, three of each masked."""
    ids = torch.randint(ORDINARY, PIECES, (300, 20))
    masked, places = ids.clone(), torch.arange(0, ids.numel(), 7)
    masked.view(-1)[places] = ORDINARY - 1
    return Batch(masked, torch.zeros_like(ids), places, ids.view(-1)[places])


@torch.no_grad()
def test_new_heads_find_their_pieces_and_change_nothing_else(model: BertForMaskedLM, batch: Batch) -> None:
    silenced = deepcopy(model)
    heads = {}
    for number, offsets in COMPARED.items():
        layer = silenced.bert.encoder.layer[number]
        heads[number] = weakest_heads(layer, len(offsets))
        for head in heads[number]:
            layer.attention.output.dense.weight[:, head] = 0
    add_matching_heads(model, batch, ORDINARY)
    fresh = torch.randint(ORDINARY, PIECES, (50, 20))
    torch.testing.assert_close(model(fresh).logits, silenced(fresh).logits)
    attentions = model(fresh, output_attentions=True).attentions
    same = (fresh[:, :, None] == fresh[:, None, :]).float()
    found = attentions[0][:, heads[0][0].start // WIDTH]
    assert float((found * same).sum(-1).mean()) > 0.5  # chance: 0.07
    compared = dict(zip(COMPARED[2], heads[2], strict=True))
    again = attentions[2][:, compared[0].start // WIDTH]
    assert float((again * same).sum(-1).mean()) > 4 * float(same.mean())


@torch.no_grad()
def test_the_weakest_head_is_the_one_that_writes_least(model: BertForMaskedLM) -> None:
    layer = model.bert.encoder.layer[0]
    layer.attention.output.dense.weight[:, 2 * WIDTH : 3 * WIDTH] *= 0.1
    layer.attention.self.value.weight[:WIDTH] *= 0.2
    assert [head.start // WIDTH for head in weakest_heads(layer, 2)] == [2, 0]
