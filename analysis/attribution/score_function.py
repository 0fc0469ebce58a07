"""The function that is attributed: from the input embeddings of a text to a target's score in one model.

score_function = score_function_of(model, example, target)
score_function.scores(score_function.embeddings[None])  # [1], the target's score in logits
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.arrays import Array
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.forward import eager_attention, inputs, logits_of, only_window
from analysis.models.hooks import masks_only
from analysis.models.model import Model
from analysis.models.tokens import Tokens
from analysis.predictions.resolve import resolve
from analysis.predictions.targets import ResolvedTarget, Target

if TYPE_CHECKING:
    from torch import Tensor

PASS_BYTES = 50_000_000  # that a forward pass may keep for its backward pass; one row is always computed
FIRST_TOKENS = 144  # in all rows of the first pass with gradients, which measures how many bytes a row keeps
PASS_TOKENS = 2_048  # in all rows of a pass without gradients, which keeps nothing


@dataclass(frozen=True, slots=True, eq=False)
class ScoreFunction:
    """The score of `target` as a function of the embeddings of `tokens`.

    `embeddings` [token, width]: the word pieces' vectors; positions and segments are added inside the model.
    """

    model: Model
    tokens: Tokens
    target: ResolvedTarget
    embeddings: Tensor

    @property
    def protected(self) -> Array:
        """[token]: True for tokens that are never replaced or removed: [CLS], [SEP], and masks to be filled."""
        special = self.tokens.word_ids < 0
        if not TASKS[self.model.task].needs_mask:
            return np.asarray(special)
        return np.asarray(special | (self.tokens.ids == self.model.tokenizer.mask_token_id))

    def scores(self, rows: Tensor, **more: Tensor) -> Tensor:
        """The target's score for each row of embeddings [row, token, width]: [row], in logits.

        `more` is passed on to the model.
        """
        scores: Tensor = self.target.scores(logits_of(self._outputs(rows, **more)))
        return scores

    def scores_and_states(self, rows: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The same, with the hidden states [row, token, width] of the embedding output and of each layer.

        If masks are filled, the last layer's states are those of the masks only.
        """
        outputs = self._outputs(rows, output_hidden_states=True)
        return self.target.scores(logits_of(outputs)), list(outputs.hidden_states)

    def attentions(self) -> Array:
        """The attention weights on the text, [layer, head, query, key]."""
        import torch

        with self.model.lock, eager_attention(self.model), torch.inference_mode():
            layers = self._outputs(self.embeddings[None], output_attentions=True).attentions
        return np.concatenate([layer.numpy() for layer in layers])

    def _outputs(self, rows: Tensor, **more: Any) -> Any:
        columns = inputs(self.model, self.tokens)
        del columns["input_ids"]
        segments = {name: column.expand(len(rows), -1) for name, column in columns.items()}
        with self.model.lock, masks_only(self.model, self.tokens):  # the lock, since masks are read through a hook
            return self.model.network(inputs_embeds=rows, **segments, **more)


def embedding_table(model: Model) -> Tensor:
    """The embeddings of all word pieces, [piece, width]."""
    layer: Any = model.network.get_input_embeddings()
    weights: Tensor = layer.weight.detach()
    return weights


def score_function_of(model: Model, example: Example, target: Target) -> ScoreFunction:
    """A target's score in a model. Raises `AnalysisError` if it lacks a label or word, or needs several windows."""
    import torch

    tokens = only_window(model, example)
    return ScoreFunction(
        model, tokens, resolve(target, model, tokens), embedding_table(model)[torch.tensor(tokens.ids)]
    )


def gradients(score_function: ScoreFunction, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Scores [row], and their gradients in the embeddings [row, token, width]."""
    import torch

    rows = rows.requires_grad_()
    with score_function.model.lock:
        scores = score_function.scores(rows)
        (slopes,) = torch.autograd.grad(scores.sum(), rows)
    return scores.detach(), slopes


@contextmanager
def kept_bytes(model: Model) -> Iterator[dict[int, int]]:
    """The bytes that passes of this thread keep for their gradients meanwhile, by address, without the weights."""
    from torch.autograd.graph import saved_tensors_hooks

    weights = {parameter.untyped_storage().data_ptr() for parameter in model.network.parameters()}
    kept: dict[int, int] = {}

    def record(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(record, lambda tensor: tensor):
        yield kept


def rows_without_gradients(score_function: ScoreFunction) -> int:
    """How many rows fit into a pass without gradients."""
    return max(PASS_TOKENS // len(score_function.tokens), 1)


def chunks(count: int, size: int) -> Iterator[slice]:
    """Slices of at most `size` that cover range(count), in order."""
    return (slice(first, min(first + size, count)) for first in range(0, count, size))
