"""From the last layer back to the words: attention rollout and attention flow (Abnar & Zuidema 2020).

https://aclanthology.org/2020.acl-main.385. Both take the heads' mean and add the residual connection as half the weight
on the token itself. Rollout multiplies the layers; flow asks how much could be sent through them at most. Neither knows
what the values and the feed-forward layers do with what is read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError

FLOW_TOKENS = 128  # 12 layers of them take about two seconds, twice as many about twelve
CAPACITY = 2**30  # of a weight of 1: scipy's maximum flow counts in 32-bit integers


def rollout(attentions: Array) -> Array:
    """[layer, query, key]: how much of each input token is in each token after each layer, multiplied through.

    Rows sum to 1; the last layer's row of [CLS] is what is usually shown. In float64.
    """
    mixed = with_residual(attentions)
    for below, layer in enumerate(mixed[1:]):
        layer[...] = layer @ mixed[below]
    return frozen(mixed)


def flow(attentions: Array, queries: Sequence[int], words: Sequence[Sequence[int]]) -> Array:
    """[word]: the most that can flow from tokens of the last layer to the input tokens of a word, 0 to 1.

    Each word on its own, as if nothing else flowed. An edge of layer l carries at most its weight in `with_residual`;
    several `queries` send an even share of it each. Capacities are rounded to 2**-30, so a value is off by at most
    2**-31 for each edge of a smallest cut (under 1e-6 in practice). Flow saturates: an input token that the first layer
    attends to by 1 or more in all usually has the value 1, so many tokens share it. Raises `AnalysisError` above
    `FLOW_TOKENS` tokens.
    """
    weights = with_residual(attentions)
    weights[-1, 0], weights[-1, 1:] = weights[-1, list(queries)].mean(axis=0), 0  # all of them as one, nobody else
    capacities = np.rint(weights * CAPACITY).astype(np.int32)
    count = capacities.shape[1]
    if count > FLOW_TOKENS:
        raise AnalysisError(
            f"The text has {count} tokens; attention flow is computed for at most {FLOW_TOKENS}. Shorten the text, or "
            "use rollout."
        )
    return frozen([_largest_flow(capacities, word) / CAPACITY for word in words])


def with_residual(attentions: Array) -> Array:
    """[layer, query, key] in float64: 0.5 A + 0.5 I with A the heads' mean, rows normalised to sum to 1."""
    mixed = 0.5 * attentions.mean(axis=1, dtype=np.float64) + 0.5 * np.eye(attentions.shape[-1])
    return np.asarray(mixed / mixed.sum(axis=-1, keepdims=True))


def _largest_flow(capacities: Array, word: Sequence[int]) -> int:
    """The largest flow to the input tokens of a word together, in units of 1 / CAPACITY.

    The node of token i after layer l is l * count + i; what sends is the last layer's token 0, and the word's first
    token stands for all of it.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    layers, count, _ = capacities.shape
    used = capacities.copy()
    used[0, :, word[0]] = used[0, :, list(word)].sum(axis=0)
    used[0, :, np.arange(count) != word[0]] = 0  # the way to other input tokens is a dead end
    layer, query, below = np.nonzero(used)
    rows, columns = (layer + 1) * count + query, layer * count + below
    nodes = (layers + 1) * count
    graph = csr_array((used[layer, query, below], (rows, columns)), shape=(nodes, nodes))
    return int(maximum_flow(graph, layers * count, word[0]).flow_value)
