"""A model, a text in its tokens, and a target: the function from input embeddings to a score that is attributed.

asked = ask(model, example, target)
asked.scores(asked.embeddings[None])  # [1], the target's score in logits
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

PASS_BYTES = 500_000_000  # that a pass with gradients may keep for its way back; one row is always computed
FIRST_TOKENS = 256  # in all rows of the first pass with gradients, by which it is measured what a row keeps
PASS_TOKENS = 2_048  # in all rows of a pass without gradients, which keeps nothing


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is attributed: the score of `target` as a function of the embeddings of `tokens`.

    `embeddings` [token, width]: the word pieces' vectors; positions and segments are added inside the model.
    """

    model: Model
    tokens: Tokens
    target: ResolvedTarget
    embeddings: Tensor

    @property
    def stays(self) -> Array:
        """[token]: True for what no baseline and no erasure replaces: [CLS], [SEP], and masks that are to be filled."""
        added = self.tokens.word_ids < 0
        if not TASKS[self.model.task].needs_mask:
            return np.asarray(added)
        return np.asarray(added | (self.tokens.ids == self.model.tokenizer.mask_token_id))

    def scores(self, rows: Tensor, **more: Tensor) -> Tensor:
        """The target's score for each row of embeddings [row, token, width]: [row], in logits.

        `more` goes to the model as it is.
        """
        scores: Tensor = self.target.scores(logits_of(self._outputs(rows, **more)))
        return scores

    def scores_and_states(self, rows: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The same, and the hidden states it follows from: [row, token, width] for the embedding output and each layer.

        Where masks are filled, the last layer's are those of the masks only.
        """
        outputs = self._outputs(rows, output_hidden_states=True)
        return self.target.scores(logits_of(outputs)), list(outputs.hidden_states)

    def attentions(self) -> Array:
        """How the text is attended to, [layer, head, query, key]."""
        import torch

        with self.model.lock, eager_attention(self.model), torch.inference_mode():
            layers = self._outputs(self.embeddings[None], output_attentions=True).attentions
        return np.concatenate([layer.numpy() for layer in layers])

    def _outputs(self, rows: Tensor, **more: Any) -> Any:
        given = inputs(self.model, self.tokens)
        del given["input_ids"]
        segments = {name: column.expand(len(rows), -1) for name, column in given.items()}
        with self.model.lock, masks_only(self.model, self.tokens):  # the lock, since masks are read through a hook
            return self.model.network(inputs_embeds=rows, **segments, **more)


def table_of(model: Model) -> Tensor:
    """The embeddings of all word pieces, [piece, width]."""
    layer: Any = model.network.get_input_embeddings()
    weights: Tensor = layer.weight.detach()
    return weights


def ask(model: Model, example: Example, target: Target) -> Asked:
    """The model asked about an aim. Raises `AnalysisError` where it lacks a label or word, or needs several windows."""
    import torch

    tokens = only_window(model, example)
    return Asked(model, tokens, resolve(target, model, tokens), table_of(model)[torch.tensor(tokens.ids)])


def gradients(asked: Asked, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Scores [row], and their gradients in the embeddings [row, token, width]."""
    import torch

    rows = rows.requires_grad_()
    with asked.model.lock:
        scores = asked.scores(rows)
        (slopes,) = torch.autograd.grad(scores.sum(), rows)
    return scores.detach(), slopes


@contextmanager
def kept_bytes(model: Model) -> Iterator[dict[int, int]]:
    """What passes of this thread keep for their gradients meanwhile, by address; the weights left out."""
    from torch.autograd.graph import saved_tensors_hooks

    weights = {parameter.untyped_storage().data_ptr() for parameter in model.network.parameters()}
    kept: dict[int, int] = {}

    def noted(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(noted, lambda tensor: tensor):
        yield kept


def rows_without_gradients(asked: Asked) -> int:
    """How many rows a pass without gradients takes."""
    return max(PASS_TOKENS // len(asked.tokens), 1)


def chunks(count: int, size: int) -> Iterator[slice]:
    """Stretches of at most `size` that cover range(count), in order."""
    return (slice(first, min(first + size, count)) for first in range(0, count, size))
