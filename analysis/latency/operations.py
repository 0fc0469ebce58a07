"""Floating-point operations of a forward pass, counted by torch and by hand.

    operations(model, tokens=64).total

Matrix products are counted, a multiplication and an addition as two operations, as is usual in the literature; softmax,
GELU and layer norms are not, which are under 1% of a full-size model.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.arrays import Array, frozen
from analysis.latency.model_variants import copied
from analysis.models.architecture import Architecture, architecture
from analysis.models.model import Model


@dataclass(frozen=True, slots=True)
class Operations:
    """Floating-point operations of one forward pass, a multiplication and an addition as two.

    `layers` [layer] as counted, `formula` [layer] as computed from the sizes. `rest`: all outside the layers (the task
    head; embedding look-ups take none). `weight_bytes`: the weights that a pass reads in full, so without the
    embedding tables.
    """

    tokens: int
    batch: int
    layers: Array
    formula: Array
    rest: int
    weight_bytes: int

    @property
    def total(self) -> int:
        return int(self.layers.sum()) + self.rest

    @property
    def intensity(self) -> float:
        """Operations per byte of weights read (once, whatever the batch)."""
        return self.total / self.weight_bytes


def operations(model: Model, tokens: int, batch: int = 1) -> Operations:
    """The operations of a forward pass over `batch` sequences of `tokens`; counted on meta tensors, which is fast."""
    counts, whole = _counted(model, tokens, batch)
    sizes = architecture(model)
    return Operations(
        tokens=tokens,
        batch=batch,
        layers=frozen(counts),
        formula=frozen([layer_operations(sizes, tokens, batch)] * sizes.layers),
        rest=whole - sum(counts),
        weight_bytes=_read_bytes(model),
    )


def layer_operations(sizes: Architecture, tokens: int, batch: int = 1) -> int:
    """The operations of one layer, by formula.

    Query, key, value and output projections take 8 n d² operations, scores and weighted sums 4 n² d whatever the number
    of heads, the feed-forward part 4 n d f: for n tokens, d wide, with a feed-forward size of f.
    """
    n, d, f = tokens, sizes.width, sizes.feed_forward
    return batch * (8 * n * d**2 + 4 * n**2 * d + 4 * n * d * f)


def _counted(model: Model, tokens: int, batch: int) -> tuple[list[int], int]:
    """The operations of each layer, and the total."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    shapes = copied(model, lambda tensor: tensor.to("meta"))
    shapes.set_attn_implementation("eager")  # torch cannot count its fused attention on a CPU
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        shapes(input_ids=torch.zeros((batch, tokens), dtype=torch.int64, device="meta"))
    counts = counter.get_flop_counts()
    layers = f"{type(shapes).__name__}.{shapes.base_model_prefix}.{model.family.layers}"
    count = shapes.config.num_hidden_layers
    return [sum(counts[f"{layers}.{layer}"].values()) for layer in range(count)], counter.get_total_flops()


def _read_bytes(model: Model) -> int:
    """Bytes of the weights that a pass reads in full; of embeddings it looks up single rows only."""
    import torch

    modules = [module for module in model.network.modules() if not isinstance(module, torch.nn.Embedding)]
    read = {id(weight): weight.nbytes for module in modules for weight in module.parameters(recurse=False)}
    return sum(read.values())
