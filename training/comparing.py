"""A second objective for the tasks on two texts: which pieces of each text stand in the other one too.

Whether a sentence answers a question shows first of all in the words that they share. A pair that has read 20 M tokens
does not compare texts, and one bit an example was too little to learn it from: both sides still guessed after 35,000
pairs. Which pieces recur is known of every piece, without labels; learned along with the task, by both sides alike, it
let them leave chance after 6,000. Recurring spans as an objective for question answering are Ram et al.'s (2021).
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional

from .tokenizer import SPECIAL_PIECES

READER = "shared_pieces"  # what the part that reads it off is called, and its loss in the log


def with_reader(model: nn.Module) -> nn.Module:
    """The model, with a part more: a linear map from half-way up to the log-odds that a piece recurs."""
    model.add_module(READER, nn.Linear(model.config.hidden_size, 1))
    return model


def without_reader(model: nn.Module) -> nn.Module:
    """The model as it is published."""
    delattr(model, READER)
    return model


def recurring(ids: Tensor, segments: Tensor, attended: Tensor) -> Tensor:
    """Whether the same piece stands in the other segment: [sequence, position], as the three that it is told from."""
    same = ids[:, :, None] == ids[:, None, :]
    across = segments[:, :, None] != segments[:, None, :]
    return (same & across & attended[:, None, :].bool()).any(2)


def recurrence_loss(
    model: nn.Module, hidden_states: tuple[Tensor, ...], inputs: Mapping[str, Tensor], segments: Tensor
) -> Tensor:
    """Mean binary cross-entropy in nats over all ordinary pieces, read off the states half-way up."""
    ids, attended = inputs["input_ids"], inputs["attention_mask"]
    ordinary = (ids >= len(SPECIAL_PIECES)) & attended.bool()
    states = hidden_states[model.config.num_hidden_layers // 2][ordinary].float()
    odds = model.get_submodule(READER)(states).squeeze(-1)
    return functional.binary_cross_entropy_with_logits(odds, recurring(ids, segments, attended)[ordinary].float())
