"""Layer conductance: through which positions of each layer the score's change flows (Dhamdhere et al. 2018).

https://arxiv.org/abs/1805.12233. At every layer the values sum to F(text) - F(baseline), as integrated gradients do;
after the embeddings they belong to positions, which hold less and less of their own word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array
from analysis.attention.maps import shares_of_words
from analysis.attribution.baselines import Baseline, baseline_embeddings
from analysis.attribution.integrated_gradients import (
    BISECTED,
    MIN_CHANGE,
    MOST_STEPS,
    PIECEWISE_TOLERANCE,
    Path,
    convergence_of,
    integrate,
    path_to,
)
from analysis.attribution.score_function import ScoreFunction, chunks
from analysis.attribution.unit_scores import Convergence, UnitScores, part_of
from analysis.models.tokens import mask_positions
from analysis.progress import Progress

if TYPE_CHECKING:
    from torch import Tensor

MOST_ALPHAS = 2 * MOST_STEPS

Piece = tuple[float, float]  # from one alpha of the path to another; its middle is evaluated as well


def layer_conductance(score_function: ScoreFunction, baseline: Baseline, progress: Progress) -> UnitScores:
    """All layers at the same points of the path; `values` are those of layer 0, where a position is its word.

    The points are those where integrated gradients stopped, and more wherever some layer is not complete yet: a layer's
    states can jump where the score does not.
    """
    path = path_to(score_function, baseline_embeddings(score_function, baseline))
    integrate(path, part_of(progress, 0, 1 / 4))
    edges = np.array(sorted(path.scores))[::2]
    values: dict[Piece, Array] = {}  # [layer + 1, token]
    while True:
        pieces = list(pairwise(edges.tolist()))
        for run in _runs([piece for piece in pieces if piece not in values]):
            for piece, value in zip(run, _conductance(path, run), strict=True):
                values[piece] = value
                progress(1 / 4 + 3 / 4 * min(len(path.scores) / MOST_ALPHAS, 1.0))
        conductance = np.stack([values[piece] for piece in pieces])  # [piece, layer + 1, token]
        convergence, deltas = _convergence(path, edges, conductance.sum(axis=2))
        roughest = np.argsort(-deltas)[: (MOST_ALPHAS - convergence.n_steps) // 2]
        halved = roughest[deltas[roughest] >= BISECTED * deltas.max()]
        if convergence.converged or not len(halved):
            units = np.stack([shares_of_words(layer, score_function.tokens) for layer in conductance.sum(axis=0)])
            return UnitScores(units[0], (path.scores[0.0], path.scores[1.0]), convergence, units)
        edges = np.union1d(edges, (edges[halved] + edges[halved + 1]) / 2)


def _convergence(path: Path, edges: Array, sums: Array) -> tuple[Convergence, Array]:
    """The convergence of the worst layer, from `sums` [piece, layer + 1], and the largest delta on each piece."""
    changes = np.diff([path.scores[edge] for edge in edges])
    deltas = np.abs(sums - changes[:, None])
    in_pieces = deltas.sum(axis=0).max() <= PIECEWISE_TOLERANCE * max(np.abs(changes).sum(), MIN_CHANGE)
    totals = sums.sum(axis=0)
    worst = totals[np.abs(totals - path.change).argmax()]
    return convergence_of(path, worst, bool(in_pieces)), deltas.max(axis=1)


def _runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Pieces that follow one another, together: where one ends and the next begins, one alpha serves both."""
    begins = [at for at in range(len(pieces)) if at == 0 or pieces[at - 1][1] != pieces[at][0]]
    return (list(pieces[first:last]) for first, last in pairwise([*begins, len(pieces)]))


def _conductance(path: Path, run: Sequence[Piece]) -> Iterator[Array]:
    """For each piece of a run the sum of step times slope, [layer + 1, token].

    One step over the piece and two half steps are extrapolated to ever shorter ones (Richardson). Memory holds the
    points of one pass, or the three of one piece.
    """
    for some in chunks(len(run), max((path.rows - 1) // 2, 1)):
        edges = [run[some.start][0], *(end for _, end in run[some])]
        alphas = np.union1d(edges, (np.array(edges[:-1]) + edges[1:]) / 2)
        states, slopes = _states_and_slopes(path, alphas)  # [layer + 1, alpha, token, width]
        one, two = (_steps(states[:, ::stride], slopes[:, ::stride]) for stride in (2, 1))
        both = two[:, ::2] + two[:, 1::2]
        yield from (both + (both - one) / 3).swapaxes(0, 1)


def _steps(states: Tensor, slopes: Tensor) -> Array:
    """Step times slope (the mean of both ends'), [layer + 1, step, token]."""
    import torch

    steps = states.diff(dim=1) * (slopes[:, :-1] + slopes[:, 1:]) / 2
    return np.asarray(steps.sum(dim=3, dtype=torch.float64).numpy())


def _states_and_slopes(path: Path, alphas: Array) -> Tensor:
    """Hidden states, and the score's gradients in them: [2, layer + 1, alpha, token, width]."""
    import torch

    return torch.cat([_in_one_pass(path, alphas[now]) for now in chunks(len(alphas), path.rows)], dim=2)


def _in_one_pass(path: Path, alphas: Array) -> Tensor:
    """The same in one pass; the scores are recorded on the path."""
    import torch

    score_function, rows = path.score_function, path.at(alphas)
    with score_function.model.lock:
        scores, states = score_function.scores_and_states(rows.requires_grad_())
        slopes = torch.autograd.grad(scores.sum(), states)
    path.scores.update(zip(alphas.tolist(), scores.detach().double().tolist(), strict=True))
    both = torch.zeros(2, len(states), *rows.shape)  # if only masks are read, the last layer is 0 elsewhere
    masks = mask_positions(score_function.model, score_function.tokens)
    for kind, layers in enumerate((states, slopes)):
        for number, layer in enumerate(layers):
            both[kind, number][:, slice(None) if layer.shape == rows.shape else masks] = layer.detach()
    return both
