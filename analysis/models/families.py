"""The architectures, one row each: what their parts are called in transformers, and what they read.

A new architecture is a row of `FAMILIES`; its key is the `model_type` of config.json.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Family:
    """Where the parts of one architecture's networks are.

    `title`: as people call it. `classes`: how the names of its classes begin. `layers`: the module list, within the
    base model; the others are within one layer: `attention_output`, the projection of what all heads read, and
    `attention_norm`, the layer norm that ends the attention. `reads_segments`: whether the model takes token_type_ids.
    `mask_logits(network, states)`: what the masked-language head makes of hidden states [row, width]: [row, piece].
    """

    title: str
    classes: str
    layers: str
    attention_output: str
    attention_norm: str
    reads_segments: bool
    mask_logits: Callable[[Any, Any], Any]


def _bert_mask_logits(network: Any, states: Any) -> Any:
    return network.cls(states)


def _distilbert_mask_logits(network: Any, states: Any) -> Any:
    return network.vocab_projector(network.vocab_layer_norm(network.activation(network.vocab_transform(states))))


FAMILIES: dict[str, Family] = {
    "bert": Family(
        title="BERT",
        classes="Bert",
        layers="encoder.layer",
        attention_output="attention.output.dense",
        attention_norm="attention.output.LayerNorm",
        reads_segments=True,
        mask_logits=_bert_mask_logits,
    ),
    "distilbert": Family(
        title="DistilBERT",
        classes="DistilBert",
        layers="transformer.layer",
        attention_output="attention.out_lin",
        attention_norm="sa_layer_norm",
        reads_segments=False,
        mask_logits=_distilbert_mask_logits,
    ),
}

# (student layers, teacher layers) -> the teacher layer that each student layer was initialised from: DistilBERT's
# training code (transformers' research project "distillation", scripts/extract_distilbert.py), and the embedded pair's
INITIALISED_FROM: dict[tuple[int, int], tuple[int, ...]] = {(6, 12): (0, 2, 4, 7, 9, 11)}


@dataclass(frozen=True, slots=True)
class Build:
    """What a network is built like; `architecture` is a key of `FAMILIES`."""

    architecture: str
    layers: int
    heads: int
    width: int


def known_origins(teacher: Build, student: Build) -> tuple[int, ...] | None:
    """The teacher layer (from 0) that each student layer was initialised from; None where that is not known.

    It is of a DistilBERT beside a BERT of its width: a small BERT may have begun as anything.
    """
    alike = (teacher.heads, teacher.width) == (student.heads, student.width)
    published = (teacher.architecture, student.architecture) == ("bert", "distilbert")
    return INITIALISED_FROM.get((student.layers, teacher.layers)) if alike and published else None
