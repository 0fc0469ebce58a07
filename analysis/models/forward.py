"""Forward passes: what a model answers (`read`), and everything that happened inside on the way (`trace`, `traces_of`).

A shared model is used under its lock: capturing attention weights switches how attention is computed, and one
computation at a time is also the fastest on few cores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError, SeveralWindows
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.families import Build
from analysis.models.model import Model
from analysis.models.tokens import Tokens, mask_positions, sentence_tokens, tokenize
from analysis.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Reading:
    """One sequence of tokens and the model's logits for it.

    `logits`: [label] for sequence classification, [token, label] for token classification, [token, piece] for masked
    language modelling with rows for the masks only, [2, token] (start, end) for question answering.
    """

    tokens: Tokens
    logits: Array


@dataclass(frozen=True, slots=True)
class Trace:
    """One forward pass, kept: attention weights, hidden states, logits (as in `Reading`), all read-only.

    `attentions` [layer, head, query, key] after softmax; `hidden_states` [layer + 1, token, width], 0 is the embedding
    output. `logits` is None where only the encoder ran, which has none. `build` is the model's.
    """

    tokens: Tokens
    attentions: Array
    hidden_states: Array
    logits: Array | None
    build: Build

    @property
    def reading(self) -> Reading:
        """What the model answers, of a trace that has logits."""
        assert self.logits is not None
        return Reading(self.tokens, self.logits)


def read(model: Model, example: Example) -> tuple[Reading, ...]:
    """The model's logits for an example: one `Reading`, or one a window where question answering needs several."""
    return readings(model, tokenize(model, example))


def readings(model: Model, windows: Sequence[Tokens]) -> tuple[Reading, ...]:
    """The model's logits for tokenized windows of an example."""
    with model.lock:
        return tuple(Reading(tokens, _logits(forward(model, tokens), model, tokens)) for tokens in windows)


def trace(model: Model, example: Example) -> Trace:
    """One forward pass with everything kept. Raises `AnalysisError` where the example needs several windows."""
    tokens = only_window(model, example)
    with model.lock, eager_attention(model):
        outputs = forward(model, tokens, output_attentions=True, output_hidden_states=True)
        return Trace(
            tokens,
            attentions=_stacked(outputs.attentions),
            hidden_states=_stacked(outputs.hidden_states),
            logits=_logits(outputs, model, tokens),
            build=model.build,
        )


def traces_of(model: Model, sentences: Sequence[str], progress: Progress = silent) -> Iterator[Trace]:
    """What happens in the encoder on each of these sentences, in their order and one in memory at a time.

    Whatever the model's task, each is read alone, without a [MASK] or a second text, and the task head is left out
    (over a vocabulary it would take a fifth of the time). `progress` is told the share that was traced and taken,
    outside the model's lock; whatever it raises stops the tracing. Raises `AnalysisError` where a sentence is longer
    than the model reads.
    """
    for done, sentence in enumerate(sentences, start=1):
        yield encoder_trace(model, sentence_tokens(model, sentence))
        progress(done / len(sentences))


def encoder_trace(model: Model, tokens: Tokens) -> Trace:
    """What happens in the encoder on these tokens; the task head is left out, so there are no logits."""
    import torch

    with model.lock, eager_attention(model), torch.inference_mode():
        outputs = model.network.base_model(**inputs(model, tokens), output_attentions=True, output_hidden_states=True)
    return Trace(tokens, _stacked(outputs.attentions), _stacked(outputs.hidden_states), logits=None, build=model.build)


def only_window(model: Model, example: Example) -> Tokens:
    """The example's tokens, for what looks inside the model. Raises `SeveralWindows` where they take several."""
    tokens, *more = tokenize(model, example)
    if more:
        raise SeveralWindows(
            f"The text takes {len(more) + 1} windows of at most {max(len(tokens), *map(len, more))} tokens; looking "
            "inside the models works on one window. Shorten the text."
        )
    return tokens


def forward(model: Model, tokens: Tokens, **options: bool) -> Any:
    """transformers' output of one forward pass, batch of one, without gradients. The caller holds the model's lock."""
    import torch

    with torch.inference_mode():
        return model.network(**inputs(model, tokens), **options)


def inputs(model: Model, tokens: Tokens) -> dict[str, Any]:
    """The tensors a model reads, [1, token] each."""
    return columns(model, tokens.ids[None], tokens.segments[None])


def columns(model: Model, ids: Array, segments: Array) -> dict[str, Any]:
    """Tensors of ids and segments, [sequence, token] each, as a model takes them: some take no segments."""
    import torch

    given = {"input_ids": torch.tensor(ids)}
    return {**given, "token_type_ids": torch.tensor(segments)} if model.family.reads_segments else given


@contextmanager
def eager_attention(model: Model) -> Iterator[None]:
    """Attention computed so that its weights can be seen: transformers' default (sdpa) returns none."""
    before = model.network.config._attn_implementation
    model.network.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.network.set_attn_implementation(before)


def _logits(outputs: Any, model: Model, tokens: Tokens) -> Array:
    logits = logits_of(outputs)[0].numpy()
    if TASKS[model.task].needs_mask:
        logits = logits[mask_positions(model, tokens)]  # [mask, piece]
    if not np.isfinite(logits).all():
        raise AnalysisError(f"{model.checkpoint.name} answers with numbers that are not finite: fetch it again.")
    return frozen(logits)


def logits_of(outputs: Any) -> Any:
    """The logits in transformers' output, a tensor [row, …] whose rows are as in `Reading`."""
    import torch

    if "start_logits" in outputs:
        return torch.stack([outputs.start_logits, outputs.end_logits], dim=1)  # [row, 2, token]
    return outputs.logits


def _stacked(layers: Any) -> Array:
    import torch

    return frozen(torch.cat(layers).numpy())  # each [1, …]: the batch axis becomes the layer axis
