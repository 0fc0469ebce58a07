"""Hooks into a network, each put in for a while and taken out again. Who uses one holds the model's lock all the while.

with model.lock, masks_only(model, tokens):
    model.network(...)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from analysis.inputs.tasks import TASKS
from analysis.models.model import Model
from analysis.models.tokens import Tokens, mask_positions

if TYPE_CHECKING:
    from torch import Tensor


def layers_of(model: Model) -> Any:
    """The layers' modules, in order."""
    return model.network.base_model.get_submodule(model.family.layers)


@contextmanager
def replaced(model: Model, layer: int, states: Callable[[Tensor, Tensor], Tensor]) -> Iterator[None]:
    """A layer's output [row, token, width] made anew from its input and it."""
    hook = layers_of(model)[layer].register_forward_hook(
        lambda _, given, output: states(given[0], output),
        prepend=True,  # before transformers' own hooks, so that hidden states are kept as the next layer sees them
    )
    try:
        yield
    finally:
        hook.remove()


def masks_only(model: Model, tokens: Tokens) -> AbstractContextManager[None]:
    """Where the task fills masks, logits [row, mask, piece] in place of those of all tokens; else nothing changes.

    Over all tokens, the logits of a vocabulary would fill the memory.
    """
    if not TASKS[model.task].needs_mask:
        return nullcontext()
    masks = mask_positions(model, tokens)
    return replaced(model, -1, lambda _, states: states[:, masks])
