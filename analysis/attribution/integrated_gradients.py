"""Integrated gradients: the gradient followed from a baseline to the text, with as many steps as the answer needs.

Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365: the attributions add up to F(text) - F(baseline). By how
much they do not is the convergence delta. Between any two points of the path it is known too, since F is: steps are
added only where it is large (adaptive Simpson), and every gradient is used again. Few steps in a row of fixed ones miss
the narrow ridges that a deep model has on its way; where the path is smooth, nine points do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array
from analysis.attribution.score_function import FIRST_TOKENS, PASS_BYTES, Asked, gradients, kept_bytes

if TYPE_CHECKING:
    from torch import Tensor

FIRST_STEPS = 9
MOST_STEPS = 257
RELATIVE = 0.01  # of the score's change: how large the delta may be
PIECEWISE = 0.04  # of how far the score goes up and down: how large all pieces' deltas may be, lest they cancel
NEAR = 0.1  # logits: below such a change a relative delta means nothing, and RELATIVE of this is allowed
BISECTED = 1 / 2  # of the largest piecewise delta: pieces from there on are halved

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Convergence:
    """How well attributions add up: `delta` is their sum less the score's change, in logits.

    `rule`: "relative" (to the change; at most RELATIVE) or "absolute" (the change is under NEAR logits). `reached` says
    whether it held after `n_steps` gradients.
    """

    n_steps: int
    delta: float
    rule: str
    reached: bool


@dataclass(slots=True)
class Path:
    """The straight line from `start` to the text, and what was seen on it: F and the tokens' part of dF, by place.

    Places are shares of the way, 0 at the baseline and 1 at the text; all are dyadic, so that they compare exactly.
    """

    asked: Asked
    start: Tensor  # [token, width]
    way: Tensor  # [token, width]
    scores: dict[float, float] = field(default_factory=dict)
    slopes: dict[float, Array] = field(default_factory=dict)  # [token]
    rows: int = 0  # a pass takes, as soon as it is known what one of them keeps

    def at(self, places: Array) -> Tensor:
        """Embeddings [place, token, width]."""
        import torch

        return self.start + torch.tensor(places, dtype=self.way.dtype)[:, None, None] * self.way

    def visit(self, places: Array, progress: Progress) -> None:
        """See F and its gradient at those places that were not seen before."""
        new = np.array([place for place in places if place not in self.scores])
        while len(new):
            now, new = np.split(new, [self.rows or max(FIRST_TOKENS // len(self.way), 1)])
            scores, slopes = self._seen(now)
            along = (slopes * self.way).sum(-1).double().numpy()  # [place, token]
            self.scores.update(zip(now, scores.double().tolist(), strict=True))
            self.slopes.update(zip(now, along, strict=True))
            progress(min(len(self.scores) / MOST_STEPS, 1.0))

    def _seen(self, places: Array) -> tuple[Tensor, Tensor]:
        if self.rows:
            return gradients(self.asked, self.at(places))
        with kept_bytes(self.asked.model) as kept:
            found = gradients(self.asked, self.at(places))
        self.rows = max(PASS_BYTES * len(places) // max(sum(kept.values()), 1), 1)
        return found

    @property
    def change(self) -> float:
        """F(text) - F(baseline), once both were seen."""
        return self.scores[1.0] - self.scores[0.0]


def part_of(progress: Progress, begin: float, end: float) -> Progress:
    """Progress of one part of the work, told as that of all, from `begin` to `end`."""
    return lambda share: progress(begin + share * (end - begin))


def path_to(asked: Asked, start: Tensor) -> Path:
    """The path from `start` [token, width] to the text; nothing on it has been seen yet."""
    return Path(asked, start, asked.embeddings - start)


def integrated(path: Path, progress: Progress = lambda share: None) -> tuple[Array, Convergence]:
    """Integrated gradients of each token, [token], and how well they converged.

    `progress` is told the share of the largest number of steps, outside the model's lock; whatever it raises stops.
    """
    edges = np.linspace(0, 1, FIRST_STEPS // 2 + 1)
    while True:
        middles = (edges[:-1] + edges[1:]) / 2
        path.visit(np.union1d(edges, middles), progress)
        pieces = _simpson(path, edges, middles)  # [piece, token]
        changes = np.diff([path.scores[edge] for edge in edges])
        deltas = np.abs(pieces.sum(axis=1) - changes)
        found = converged(path, pieces.sum(), deltas.sum() <= PIECEWISE * max(np.abs(changes).sum(), NEAR))
        roughest = np.argsort(-deltas)[: (MOST_STEPS - found.n_steps) // 2]  # a half of each costs two more steps
        halved = roughest[deltas[roughest] >= BISECTED * deltas.max()]
        if found.reached or not len(halved):
            return pieces.sum(axis=0), found
        edges = np.union1d(edges, middles[halved])


def converged(path: Path, total: float, in_pieces: bool = True) -> Convergence:
    """Whether attributions with this sum are complete; `in_pieces`: whether they nearly are on each piece as well."""
    delta = float(total - path.change)
    reached = in_pieces and abs(delta) <= RELATIVE * max(abs(path.change), NEAR)
    return Convergence(len(path.scores), delta, "relative" if abs(path.change) >= NEAR else "absolute", bool(reached))


def _simpson(path: Path, edges: Array, middles: Array) -> Array:
    """The integral of the gradient over each piece of the path, [piece, token]."""
    left, middle, right = (
        np.stack([path.slopes[place] for place in places]) for places in (edges[:-1], middles, edges[1:])
    )
    return np.asarray(np.diff(edges)[:, None] * (left + 4 * middle + right) / 6)
