"""Ablating heads and layers, and how much each head matters for an answer.

    with switched_off(model, heads=[(3, 7)]):
        without = predict(model, example)

    target = resolve_prediction(predict(teacher, example), student, tokens)
    importance(student, example, target).drops[3, 7]

A head is ablated by replacing what it read with zeros before the output projection (Michel et al. 2019,
https://arxiv.org/abs/1905.10650). Hooks do it: transformers ignores `head_mask` without a word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.forward import inputs, logits_of, only_window
from analysis.models.hooks import layers_of, replaced
from analysis.models.model import Model
from analysis.models.tokens import Tokens
from analysis.predictions.resolve import at_output_positions, output_positions
from analysis.predictions.targets import ResolvedTarget
from analysis.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor

PASS_TOKENS = 2_048  # tokens in all rows of a batched pass: 25 MB where the widest layer has 3,072 neurons


@dataclass(frozen=True, slots=True)
class Importance:
    """How much each head matters for a target on one example.

    `drops` [layer, head]: the target's score less its score with that head ablated, in logits; above 0 the head
    supports the target. `score` is the target's with nothing ablated.
    """

    target: ResolvedTarget
    score: float
    drops: Array


@contextmanager
def ablated(model: Model, heads: Collection[tuple[int, int]] = (), layers: Collection[int] = ()) -> Iterator[None]:
    """The model without these heads (layer, head) and layers, all from 0: an ablated layer passes its input on.

    Holds the model's lock, so that other threads wait and see the whole model. Raises `AnalysisError` for a head or a
    layer that the model does not have.
    """
    import torch

    _check(model, heads, layers)
    every_head = torch.eye(_shape(model)[1])
    with model.lock, ExitStack() as hooks:
        for layer in {layer for layer, _ in heads}:
            zeroed = [head for its_layer, head in heads if its_layer == layer]
            hooks.enter_context(_scaled(model, layer, 1 - every_head[zeroed].amax(dim=0, keepdim=True)))
        for layer in set(layers):
            hooks.enter_context(replaced(model, layer, lambda states, _: states))
        yield


def importance(model: Model, example: Example, target: ResolvedTarget, progress: Progress = silent) -> Importance:
    """The score of `target` with each head ablated in turn, all heads of a layer in one batched pass.

    A pass begins at the layer whose heads are ablated, since the layers before it give what they always give.
    `progress` gets the share that is done, outside the model's lock; whatever it raises stops the sweep. Raises
    `AnalysisError` if the example needs several windows.
    """
    tokens = only_window(model, example)
    positions, local_target = list(output_positions(target, model, tokens)), at_output_positions(target, model)
    n_layers, n_heads = _shape(model)
    rows = max(PASS_TOKENS // len(tokens), 1)
    with model.lock:
        (logits,), states = _pass(model, tokens, positions, output_hidden_states=True)
    score, ablated_scores = local_target.score(logits), np.empty((n_layers, n_heads))
    for layer in range(n_layers):
        for heads in np.split(np.arange(n_heads), range(rows, n_heads, rows)):
            ablated_scores[layer, heads] = [
                local_target.score(row)
                for row in _ablated_logits(model, tokens, positions, layer, heads, states[layer])
            ]
        progress((layer + 1) / n_layers)
    return Importance(target, score, frozen(score - ablated_scores))


def _ablated_logits(
    model: Model, tokens: Tokens, positions: list[int], layer: int, heads: Array, state: Tensor
) -> Array:
    """Logits [row, …]: in each row another of a layer's `heads` is ablated. `state` [1, token, width] is its input."""
    import torch

    keep = 1 - torch.eye(_shape(model)[1])[heads]  # [row, head]
    with model.lock, _scaled(model, layer, keep), _begun_at(model, layer, state):
        return _pass(model, tokens, positions)[0]


def _pass(model: Model, tokens: Tokens, positions: list[int], **options: bool) -> tuple[Array, Any]:
    """Logits [row, …] of the tokens at `positions`, and the hidden states. One row, unless a hook makes it several."""
    import torch

    with torch.inference_mode(), _only_at(model, positions):
        outputs = model.network(**inputs(model, tokens), **options)
    return logits_of(outputs).numpy(), outputs.hidden_states


@contextmanager
def _scaled(model: Model, layer: int, keep: Tensor) -> Iterator[None]:
    """What the heads of a layer read, times `keep` [row, head]: from there on there are as many rows as in `keep`.

    The caller holds the lock.
    """

    def scaled(_: Any, arguments: tuple[Tensor]) -> tuple[Tensor]:
        (context,) = arguments  # [1, token, head * size]
        by_head = context.view(*context.shape[:2], keep.shape[1], -1)
        return ((by_head * keep[:, None, :, None]).flatten(-2),)  # [row, token, head * size]

    hook = layers_of(model)[layer].get_submodule(model.family.attention_output).register_forward_pre_hook(scaled)
    try:
        yield
    finally:
        hook.remove()


@contextmanager
def _only_at(model: Model, positions: list[int]) -> Iterator[None]:
    """After its attention, the last layer continues with these tokens alone: the others' logits are not needed.

    That saves its feed-forward part, and over a vocabulary the memory of their logits. The caller holds the lock.
    """
    norm = layers_of(model)[-1].get_submodule(model.family.attention_norm)
    hook = norm.register_forward_hook(lambda _, __, output: output[:, positions])
    try:
        yield
    finally:
        hook.remove()


@contextmanager
def _begun_at(model: Model, first: int, state: Tensor) -> Iterator[None]:
    """The layers before `first` hand on `state` [1, token, width] and compute nothing. The caller holds the lock."""
    skipped = layers_of(model)[:first]
    for layer in skipped:
        layer.forward = lambda *_, **__: state
    try:
        yield
    finally:
        for layer in skipped:
            del layer.forward  # the instance's, so that its class's is there again


def _shape(model: Model) -> tuple[int, int]:
    """Layers, and heads in each."""
    return model.network.config.num_hidden_layers, model.network.config.num_attention_heads


def _check(model: Model, heads: Collection[tuple[int, int]], layers: Collection[int]) -> None:
    n_layers, n_heads = _shape(model)
    wrong = [f"layer {layer + 1}" for layer in layers if not 0 <= layer < n_layers]
    wrong += [
        f"head {h + 1} in layer {layer + 1}" for layer, h in heads if not (0 <= layer < n_layers and 0 <= h < n_heads)
    ]
    if wrong:
        raise AnalysisError(
            f"{model.checkpoint.name} has no {wrong[0]}; it has {n_layers} layers of {n_heads} heads. Choose another."
        )
