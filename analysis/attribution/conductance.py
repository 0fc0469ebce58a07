"""Layer conductance: through which positions of each layer the score's change passes (Dhamdhere et al. 2018).

https://arxiv.org/abs/1805.12233. At every layer the values add up to F(text) - F(baseline), as integrated gradients do;
after the embeddings they belong to positions, which hold less and less of their own word.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array
from analysis.attention import shares_of_words
from analysis.attribution.account import Account
from analysis.attribution.asked import Asked, chunks
from analysis.attribution.baselines import Baseline, start_of
from analysis.attribution.path import MOST_STEPS, Path, Progress, converged, integrated, part_of, path_to
from analysis.targets import masks_of

if TYPE_CHECKING:
    from torch import Tensor

MOST_PLACES = 4 * MOST_STEPS


def layer_conductance(asked: Asked, baseline: Baseline, progress: Progress) -> Account:
    """All layers from the same walks along the path; `values` are those of layer 0, where a position is its word.

    A walk halts where integrated gradients did, and twice as often until every layer adds up; from two walks follows
    what ever shorter steps would give (Richardson).
    """
    path = path_to(asked, start_of(asked, baseline))
    integrated(path, part_of(progress, 0, 1 / 4))
    places = np.array(sorted(path.scores))  # every other one halves a stretch
    coarse, walks = _walked(path, places[::2], lambda share: progress(1 / 4)), 0
    while True:
        walks += 1
        fine = _walked(path, places, part_of(progress, 1 - 3 / 4**walks, 1 - 3 / 4 ** (walks + 1)))
        layers = fine + (fine - coarse) / 3  # [layer + 1, token]
        totals = layers.sum(axis=1)
        worst = totals[np.abs(totals - path.change).argmax()]
        found = replace(converged(path, worst), n_steps=len(places))
        if found.reached or 2 * len(places) > MOST_PLACES:
            units = np.stack([shares_of_words(layer, asked.tokens) for layer in layers])
            return Account(units[0], (path.scores[0.0], path.scores[1.0]), found, units)
        coarse, places = fine, np.union1d(places, (places[:-1] + places[1:]) / 2)


def _walked(path: Path, places: Array, progress: Progress) -> Array:
    """The sum over the stretches between places of step times slope (the mean of both ends'), [layer + 1, token].

    In memory are the places of one pass, and the one before.
    """
    import torch

    total, before = 0.0, None
    for now in chunks(len(places), path.rows):
        seen = _states_and_slopes(path.asked, path.at(places[now]))  # [2, layer + 1, place, token, width]
        states, slopes = seen if before is None else torch.cat([before, seen], dim=2)
        passed = states.diff(dim=1) * (slopes[:, :-1] + slopes[:, 1:]) / 2
        total = total + passed.sum(dim=(1, 3), dtype=torch.float64).numpy()
        before = seen[:, :, -1:]
        progress(now.stop / len(places))
    return np.asarray(total)


def _states_and_slopes(asked: Asked, rows: Tensor) -> Tensor:
    """Hidden states, and the score's gradients in them: [2, layer + 1, row, token, width]."""
    import torch

    with asked.model.lock:
        scores, states = asked.scores_and_states(rows.requires_grad_())
        slopes = torch.autograd.grad(scores.sum(), states)
    seen = torch.zeros(2, len(states), *rows.shape)  # where only masks are read, the last layer's others pass nothing
    masks = masks_of(asked.model, asked.tokens)
    for kind, layers in enumerate((states, slopes)):
        for number, layer in enumerate(layers):
            seen[kind, number][:, slice(None) if layer.shape == rows.shape else masks] = layer.detach()
    return seen
