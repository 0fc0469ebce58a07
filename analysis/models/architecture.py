"""What each model is made of: layers, widths, parameters by part, bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.models.model import Model

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PARTS = {"embeddings": "embeddings", "encoder": "encoder", "transformer": "encoder"}  # module name -> part
SEGMENTS = "embeddings.token_type_embeddings.weight"


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of one model. Parameters tied between parts (the masked-language head's decoder) are counted once.

    `segments`: how many kinds of segment it tells apart, 0 without segment embeddings. `pooler_parameters` are among
    those of the head; the task decides whether a BERT is loaded with its pooler. `integer_bytes` is what the weights
    take after dynamic quantisation: 1 byte a weight of a linear layer, a tied one included, and 4 bytes any other.
    """

    layers: int
    heads: int
    width: int
    feed_forward: int
    vocabulary: int
    positions: int
    segments: int
    embedding_parameters: int
    encoder_parameters: int
    head_parameters: int
    pooler_parameters: int
    disk_bytes: int
    memory_bytes: int
    integer_bytes: int

    @property
    def parameters(self) -> int:
        return self.embedding_parameters + self.encoder_parameters + self.head_parameters


def architecture(model: Model) -> Architecture:
    """The sizes of a loaded model, counted from its weights. BERT's pooler belongs to the task head here."""
    config = model.network.config
    counts: Counter[str] = Counter()
    segments = 0
    for name, parameter in model.network.base_model.named_parameters():
        part = name.split(".")[0]
        counts[PARTS.get(part, part)] += parameter.numel()
        segments += len(parameter) if name == SEGMENTS else 0
    whole = sum(parameter.numel() for parameter in model.network.parameters())
    return Architecture(
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        width=config.hidden_size,
        feed_forward=getattr(config, "intermediate_size", None) or config.hidden_dim,  # DistilBERT's own name for it
        vocabulary=config.vocab_size,
        positions=config.max_position_embeddings,
        segments=segments,
        embedding_parameters=counts["embeddings"],
        encoder_parameters=counts["encoder"],
        head_parameters=whole - counts["embeddings"] - counts["encoder"],
        pooler_parameters=counts["pooler"],
        disk_bytes=model.disk_bytes,
        memory_bytes=model.size_bytes,
        integer_bytes=_integer_bytes(model.network),
    )


def _integer_bytes(network: PreTrainedModel) -> int:
    """A tied weight is in memory twice then: looked up as floats, multiplied as integers."""
    import torch

    integers = 0
    floats: dict[int, int] = {}  # by identity: tied weights are one
    for module in network.modules():
        if isinstance(module, torch.nn.Linear):
            integers += module.weight.numel() + (0 if module.bias is None else 4 * module.bias.numel())
        else:
            floats |= {id(own): 4 * own.numel() for own in module.parameters(recurse=False)}
    return integers + sum(floats.values())
