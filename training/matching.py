"""Heads that find where the same word piece stands again, or a piece with the same neighbour.

To compare two texts (a question with a paragraph, a sentence with another) a model has to find what they share. BERTs
that have read billions of words have heads for it; those that match a neighbour are the induction heads of Olsson et
al. 2022. A teacher that had read 20 M tokens had none: its best head gave the same piece 3 % of its attention, where
chance gives 2 %. As in `start.py`, what statistics tell in seconds need not wait for the gradient to find it.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from transformers import BertForMaskedLM

from .batches import Batch

# Layer, counted from 0: which pieces its new heads compare, 0 the piece itself, -1 the one before, 1 the one after. The
# student starts from all three layers; what the neighbours of a piece are is known from the second layer on.
COMPARED = {0: (0,), 2: (0, -1, 1), 4: (0, -1, 1)}
SEEN_OFTEN = 4  # occurrences from which on a piece's mean state is known well enough
RIDGE = 1e-4  # share of the mean variance that is added to every direction
ROWS = 64  # sequences read at once


@torch.no_grad()
def add_matching_heads(model: BertForMaskedLM, batch: Batch, ordinary: int) -> None:
    """Replace, in place, the weakest heads of the layers in `COMPARED` by such heads, learned from this batch.

    What they find is written nowhere at first: their output weights are zero, and training decides on their use.
    Pieces below `ordinary` are special ones and are not compared.
    """
    model.eval()
    pieces = batch.input_ids.flatten().index_put((batch.places,), batch.labels).view_as(batch.input_ids)
    states, generator = list(inputs_of_layers(model, batch)), torch.Generator().manual_seed(0)
    for number, offsets in COMPARED.items():
        layer = model.bert.encoder.layer[number]
        for head, offset in zip(weakest_heads(layer, len(offsets)), offsets, strict=True):
            reader = piece_reader(*beside(states[number], pieces, offset), ordinary, head.stop - head.start)
            values = torch.randn(reader[0].shape, generator=generator) * model.config.initializer_range
            replace_head(layer, head, *reader, values)


def inputs_of_layers(model: BertForMaskedLM, batch: Batch) -> Iterator[Tensor]:
    """What each layer reads: for each a tensor [sequence, position, feature]."""
    parts = [
        model.bert(input_ids=ids, token_type_ids=segments, output_hidden_states=True).hidden_states
        for ids, segments in zip(batch.input_ids.split(ROWS), batch.token_type_ids.split(ROWS), strict=True)
    ]
    return map(torch.cat, zip(*parts, strict=True))


def weakest_heads(layer: nn.Module, count: int) -> list[slice]:
    """The `count` heads that can add least to the layer's output, each as its rows in the projections."""
    attention, out = layer.attention.self, layer.attention.output.dense.weight
    width = attention.attention_head_size
    heads = [slice(begin, begin + width) for begin in range(0, out.shape[1], width)]
    return sorted(heads, key=lambda head: (out[:, head] @ attention.value.weight[head]).norm().item())[:count]


def beside(states: Tensor, pieces: Tensor, offset: int) -> tuple[Tensor, Tensor]:
    """States [token, feature] and for each the piece that stands `offset` positions from it [token]."""
    last = pieces.shape[1]
    here, there = slice(max(0, -offset), last - max(0, offset)), slice(max(0, offset), last + min(0, offset))
    return states[:, here].flatten(0, 1), pieces[:, there].flatten()


def piece_reader(states: Tensor, pieces: Tensor, ordinary: int, width: int) -> tuple[Tensor, Tensor]:
    """Weights [width, feature] and bias [width] whose outputs have a large product where two states' pieces are alike.

    Probabilistic linear discriminant analysis (Ioffe 2006): directions in which the means of pieces differ most,
    measured in spreads around a piece's own mean. The product, divided by the root of `width` as attention divides it,
    is the part that depends on both of the log of how much likelier the two are of one piece than of any two.
    """
    counts = torch.bincount(pieces)
    frequent = (counts >= SEEN_OFTEN) & (torch.arange(len(counts)) >= ordinary)
    states, pieces = states[frequent[pieces]], pieces[frequent[pieces]]
    means = torch.zeros(len(counts), states.shape[1]).index_add_(0, pieces, states) / counts.clamp_min(1)[:, None]
    around = states - means[pieces]
    within = around.T @ around / (len(states) - int(frequent.sum()))
    centre = means[frequent].mean(0)
    apart = means[frequent] - centre
    between = apart.T @ apart / len(apart) - within * (1 / counts[frequent]).mean()  # less the means' own noise
    ridge = RIDGE * within.diagonal().mean() * torch.eye(len(within))
    whitening = torch.linalg.inv(torch.linalg.cholesky(within + ridge))
    strength, directions = torch.linalg.eigh(whitening @ between @ whitening.T)
    strength, directions = strength[-width:].clamp_min(0), directions[:, -width:]
    weights = (strength / (1 + 2 * strength) * width**0.5).sqrt()[:, None] * (directions.T @ whitening)
    return weights, -weights @ centre


def replace_head(layer: nn.Module, head: slice, weights: Tensor, bias: Tensor, values: Tensor) -> None:
    """Let this head's queries and keys be read by `weights` and `bias`, its values by `values`; its output is zero."""
    attention = layer.attention.self
    for projection in (attention.query, attention.key):
        projection.weight[head], projection.bias[head] = weights, bias
    attention.value.weight[head], attention.value.bias[head] = values, 0
    layer.attention.output.dense.weight[:, head] = 0
