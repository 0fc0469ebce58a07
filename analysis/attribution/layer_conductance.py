"""Layer conductance: through which positions of each layer the score's change passes (Dhamdhere et al. 2018).

https://arxiv.org/abs/1805.12233. At every layer the values add up to F(text) - F(baseline), as integrated gradients do;
after the embeddings they belong to positions, which hold less and less of their own word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array
from analysis.attention.maps import shares_of_words
from analysis.attribution.baselines import Baseline, start_of
from analysis.attribution.integrated_gradients import (
    BISECTED,
    MOST_STEPS,
    NEAR,
    PIECEWISE,
    Convergence,
    Path,
    Progress,
    converged,
    integrated,
    part_of,
    path_to,
)
from analysis.attribution.score_function import Asked, chunks
from analysis.attribution.unit_scores import Account
from analysis.models.tokens import mask_positions

if TYPE_CHECKING:
    from torch import Tensor

MOST_PLACES = 2 * MOST_STEPS

Piece = tuple[float, float]  # from one place of the path to another; its middle is a place too


def layer_conductance(asked: Asked, baseline: Baseline, progress: Progress) -> Account:
    """All layers from the same places of the path; `values` are those of layer 0, where a position is its word.

    The places are those where integrated gradients halted, and more wherever some layer does not add up yet: a layer's
    states can leap where the score does not.
    """
    path = path_to(asked, start_of(asked, baseline))
    integrated(path, part_of(progress, 0, 1 / 4))
    edges = np.array(sorted(path.scores))[::2]
    values: dict[Piece, Array] = {}  # [layer + 1, token]
    while True:
        pieces = list(pairwise(edges.tolist()))
        for run in _runs([piece for piece in pieces if piece not in values]):
            for piece, value in zip(run, _passed(path, run), strict=True):
                values[piece] = value
                progress(1 / 4 + 3 / 4 * min(len(path.scores) / MOST_PLACES, 1.0))
        passed = np.stack([values[piece] for piece in pieces])  # [piece, layer + 1, token]
        found, deltas = _converged(path, edges, passed.sum(axis=2))
        roughest = np.argsort(-deltas)[: (MOST_PLACES - found.n_steps) // 2]
        halved = roughest[deltas[roughest] >= BISECTED * deltas.max()]
        if found.reached or not len(halved):
            units = np.stack([shares_of_words(layer, asked.tokens) for layer in passed.sum(axis=0)])
            return Account(units[0], (path.scores[0.0], path.scores[1.0]), found, units)
        edges = np.union1d(edges, (edges[halved] + edges[halved + 1]) / 2)


def _converged(path: Path, edges: Array, sums: Array) -> tuple[Convergence, Array]:
    """Whether the layers add up, by the one that does so least, from `sums` [piece, layer + 1]; each piece's delta."""
    changes = np.diff([path.scores[edge] for edge in edges])
    deltas = np.abs(sums - changes[:, None])
    in_pieces = deltas.sum(axis=0).max() <= PIECEWISE * max(np.abs(changes).sum(), NEAR)
    totals = sums.sum(axis=0)
    worst = totals[np.abs(totals - path.change).argmax()]
    return converged(path, worst, bool(in_pieces)), deltas.max(axis=1)


def _runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces that follow one another, together: where one ends and the next begins, a place serves both."""
    begins = [at for at in range(len(pieces)) if at == 0 or pieces[at - 1][1] != pieces[at][0]]
    return (list(pieces[first:last]) for first, last in pairwise([*begins, len(pieces)]))


def _passed(path: Path, run: Sequence[Piece]) -> Iterator[Array]:
    """For each piece of a run the sum of step times slope, [layer + 1, token].

    From one step over the piece and from two follows what ever shorter ones would give (Richardson). In memory are the
    places of one pass, or the three of one piece.
    """
    for some in chunks(len(run), max((path.rows - 1) // 2, 1)):
        ends = [run[some.start][0], *(end for _, end in run[some])]
        places = np.union1d(ends, (np.array(ends[:-1]) + ends[1:]) / 2)
        states, slopes = _states_and_slopes(path, places)  # [layer + 1, place, token, width]
        one, two = (_steps(states[:, ::stride], slopes[:, ::stride]) for stride in (2, 1))
        both = two[:, ::2] + two[:, 1::2]
        yield from (both + (both - one) / 3).swapaxes(0, 1)


def _steps(states: Tensor, slopes: Tensor) -> Array:
    """Step times slope (the mean of both ends'), [layer + 1, step, token]."""
    import torch

    steps = states.diff(dim=1) * (slopes[:, :-1] + slopes[:, 1:]) / 2
    return np.asarray(steps.sum(dim=3, dtype=torch.float64).numpy())


def _states_and_slopes(path: Path, places: Array) -> Tensor:
    """Hidden states, and the score's gradients in them: [2, layer + 1, place, token, width]."""
    import torch

    return torch.cat([_seen(path, places[now]) for now in chunks(len(places), path.rows)], dim=2)


def _seen(path: Path, places: Array) -> Tensor:
    """The same in one pass; the scores are written down on the path."""
    import torch

    asked, rows = path.asked, path.at(places)
    with asked.model.lock:
        scores, states = asked.scores_and_states(rows.requires_grad_())
        slopes = torch.autograd.grad(scores.sum(), states)
    path.scores.update(zip(places.tolist(), scores.detach().double().tolist(), strict=True))
    seen = torch.zeros(2, len(states), *rows.shape)  # where only masks are read, the last layer's others pass nothing
    masks = mask_positions(asked.model, asked.tokens)
    for kind, layers in enumerate((states, slopes)):
        for number, layer in enumerate(layers):
            seen[kind, number][:, slice(None) if layer.shape == rows.shape else masks] = layer.detach()
    return seen
