"""How a reader looks at attention: over words or tokens, with or without special tokens, in which order.

    view = View("Words", "Left out", "By text")
    maps = view.of(traces, Sides(one_head((3, 7)), one_head((1, 7))))

A view is applied to no more heads than are looked at: all of them over 512 tokens fill 150 MB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.maps import AttentionMap, by_text, by_token, by_word, on_shared_words, without_special_tokens
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens

Head = tuple[int, int]  # layer, head, both from 0
Part = tuple[slice, slice]  # of the layers, of the heads in each

EVERYTHING: Part = (slice(None), slice(None))
PIXELS = 64  # of a thumbnail at most: longer texts are pooled, keeping the largest weight under each pixel
DIMMED = 0.25  # of its brightness is left to what is dimmed in a thumbnail
BRIGHTEST = 0.99  # this share of the pixels is at most as bright as the end of the scale

Change = Callable[[AttentionMap], AttentionMap]


def unchanged(map_: AttentionMap) -> AttentionMap:
    """The map as it is."""
    return map_


MAPS: dict[str, Callable[[Array, Tokens], AttentionMap]] = {"Words": by_word, "Tokens": by_token}
SPECIAL_TOKENS: dict[str, Change] = {"Shown": unchanged, "Dimmed": unchanged, "Left out": without_special_tokens}
ORDERS: dict[str, Change] = {"As read": unchanged, "By text": by_text}


@dataclass(frozen=True, slots=True)
class View:
    """A key of each of `MAPS`, `SPECIAL_TOKENS` and `ORDERS`."""

    over: str = "Words"
    special_tokens: str = "Shown"
    order: str = "As read"

    @property
    def dimmed(self) -> bool:
        """Whether [CLS] and [SEP] are to be drawn paler than the rest."""
        return self.special_tokens == "Dimmed"

    def of(self, traces: Sides[Trace], parts: Sides[Part]) -> Sides[AttentionMap]:
        """Both models' maps of these heads; maps over words are over those that both models read."""
        maps = Sides(
            *(MAPS[self.over](trace.attentions[part], trace.tokens) for trace, part in zip(traces, parts, strict=True))
        )
        shared = on_shared_words(maps) if self.over == "Words" else maps
        return shared.map(SPECIAL_TOKENS[self.special_tokens]).map(ORDERS[self.order])


def one_head(head: Head) -> Part:
    """That head alone."""
    layer, number = head
    return slice(layer, layer + 1), slice(number, number + 1)


def one_layer(layer: int) -> Part:
    """All heads of that layer."""
    return slice(layer, layer + 1), slice(None)


def thumbnails(traces: Sides[Trace], view: View) -> Sides[Array]:
    """Every head's map in this view, small: [layer, head, row, column], at most `PIXELS` a side."""
    small: list[list[Array]] = [[], []]
    layers = traces.map(lambda trace: len(trace.attentions))
    for layer in range(max(layers)):
        parts = Sides(*(one_layer(min(layer, count - 1)) for count in layers))
        for side, map_, count in zip(small, view.of(traces, parts), layers, strict=True):
            if layer < count:
                side.append(pooled(_dimmed(map_) if view.dimmed else map_.weights))
    return Sides(*(frozen(np.concatenate(side)) for side in small))


def pooled(weights: Array, pixels: int = PIXELS) -> Array:
    """Maps [layer, head, query, key] max-pooled to at most `pixels` a side, [layer, head, row, column]."""
    starts = np.unique(np.arange(pixels) * weights.shape[-1] // pixels)
    return np.asarray(np.maximum.reduceat(np.maximum.reduceat(weights, starts, axis=2), starts, axis=3))


def brightest(small: Array) -> float:
    """The weight at which thumbnails are brightest: all but one in a hundred of their pixels are at most that."""
    return float(np.quantile(small, BRIGHTEST))


def _dimmed(map_: AttentionMap) -> Array:
    share = np.where(map_.fields < 0, DIMMED, 1).astype(map_.weights.dtype)
    return np.asarray(map_.weights * np.minimum.outer(share, share))
