"""Integrated gradients: the gradient integrated from a baseline to the text, with as many steps as the answer needs.

Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365: the attributions sum to F(text) - F(baseline). The
convergence delta is by how much they miss it. It is known for every piece of the path as well, since F is known at its
ends, so steps are added only where it is large (adaptive Simpson), and every gradient is reused. A small number of
equally spaced steps misses the narrow ridges that a deep model has along the path; where the path is smooth, nine
points suffice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array
from analysis.attention.maps import shares_of_words
from analysis.attribution.baselines import Baseline, baseline_embeddings
from analysis.attribution.score_function import FIRST_TOKENS, PASS_BYTES, ScoreFunction, gradients, kept_bytes
from analysis.attribution.unit_scores import Convergence, UnitScores
from analysis.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor

FIRST_STEPS = 9
MOST_STEPS = 257
RELATIVE_TOLERANCE = 0.01  # of the score's change: the largest delta allowed
PIECEWISE_TOLERANCE = 0.04  # of how far the score goes up and down: all pieces' deltas together, lest they cancel
MIN_CHANGE = 0.1  # logits: below it a relative delta means nothing, and RELATIVE_TOLERANCE of this is allowed
BISECTED = 1 / 2  # of the largest piecewise delta: pieces from there on are halved


def integrated_gradients(score_function: ScoreFunction, baseline: Baseline, progress: Progress) -> UnitScores:
    """The scores of words, from as many points of the straight path from the baseline as they need to converge."""
    path = path_to(score_function, baseline_embeddings(score_function, baseline))
    values, convergence = integrate(path, progress)
    end_scores = path.scores[0.0], path.scores[1.0]
    return UnitScores(shares_of_words(values, score_function.tokens), end_scores, convergence)


@dataclass(slots=True)
class Path:
    """The straight line from `start` to the text, with F and its derivative per token wherever they were evaluated.

    `scores` and `slopes` are by alpha, the share of the path: 0 at the baseline and 1 at the text. All alphas are
    dyadic, so that they compare exactly.
    """

    score_function: ScoreFunction
    start: Tensor  # [token, width]
    direction: Tensor  # [token, width]
    scores: dict[float, float] = field(default_factory=dict)
    slopes: dict[float, Array] = field(default_factory=dict)  # [token]
    rows: int = 0  # per pass, once it is known how many bytes a row keeps

    def at(self, alphas: Array) -> Tensor:
        """Embeddings [alpha, token, width]."""
        import torch

        return self.start + torch.tensor(alphas, dtype=self.direction.dtype)[:, None, None] * self.direction

    def evaluate(self, alphas: Array, progress: Progress) -> None:
        """Computes F and its gradient at those alphas where they are not known yet."""
        new = np.array([alpha for alpha in alphas if alpha not in self.scores])
        while len(new):
            now, new = np.split(new, [self.rows or max(FIRST_TOKENS // len(self.direction), 1)])
            scores, slopes = self._gradients(now)
            along = (slopes * self.direction).sum(-1).double().numpy()  # [alpha, token]
            self.scores.update(zip(now, scores.double().tolist(), strict=True))
            self.slopes.update(zip(now, along, strict=True))
            progress(min(len(self.scores) / MOST_STEPS, 1.0))

    def _gradients(self, alphas: Array) -> tuple[Tensor, Tensor]:
        if self.rows:
            return gradients(self.score_function, self.at(alphas))
        with kept_bytes(self.score_function.model) as kept:
            scores_and_slopes = gradients(self.score_function, self.at(alphas))
        self.rows = max(PASS_BYTES * len(alphas) // max(sum(kept.values()), 1), 1)
        return scores_and_slopes

    @property
    def change(self) -> float:
        """F(text) - F(baseline), once both were evaluated."""
        return self.scores[1.0] - self.scores[0.0]


def path_to(score_function: ScoreFunction, start: Tensor) -> Path:
    """The path from `start` [token, width] to the text; nothing on it has been evaluated yet."""
    return Path(score_function, start, score_function.embeddings - start)


def integrate(path: Path, progress: Progress = silent) -> tuple[Array, Convergence]:
    """Integrated gradients of each token, [token], and how well they converged.

    `progress` is called with the share of the largest number of steps, outside the model's lock; whatever it raises
    stops the computation.
    """
    edges = np.linspace(0, 1, FIRST_STEPS // 2 + 1)
    while True:
        middles = (edges[:-1] + edges[1:]) / 2
        path.evaluate(np.union1d(edges, middles), progress)
        pieces = _simpson(path, edges, middles)  # [piece, token]
        changes = np.diff([path.scores[edge] for edge in edges])
        deltas = np.abs(pieces.sum(axis=1) - changes)
        in_pieces = deltas.sum() <= PIECEWISE_TOLERANCE * max(np.abs(changes).sum(), MIN_CHANGE)
        convergence = convergence_of(path, pieces.sum(), in_pieces)
        roughest = np.argsort(-deltas)[: (MOST_STEPS - convergence.n_steps) // 2]  # halving a piece costs two steps
        halved = roughest[deltas[roughest] >= BISECTED * deltas.max()]
        if convergence.converged or not len(halved):
            return pieces.sum(axis=0), convergence
        edges = np.union1d(edges, middles[halved])


def convergence_of(path: Path, total: float, in_pieces: bool = True) -> Convergence:
    """Whether attributions with this sum are complete; `in_pieces`: whether they nearly are on each piece as well."""
    delta = float(total - path.change)
    converged = in_pieces and abs(delta) <= RELATIVE_TOLERANCE * max(abs(path.change), MIN_CHANGE)
    kind = "relative" if abs(path.change) >= MIN_CHANGE else "absolute"
    return Convergence(len(path.scores), delta, kind, bool(converged))


def _simpson(path: Path, edges: Array, middles: Array) -> Array:
    """The integral of the gradient over each piece of the path, [piece, token]."""
    left, middle, right = (
        np.stack([path.slopes[alpha] for alpha in alphas]) for alphas in (edges[:-1], middles, edges[1:])
    )
    return np.asarray(np.diff(edges)[:, None] * (left + 4 * middle + right) / 6)
