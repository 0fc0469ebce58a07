"""Scores of a text with some of its words taken away, by the batch: what occlusion and erasure curves rest on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array
from analysis.attention.maps import units_of
from analysis.attribution.baselines import BASELINES, Baseline, ends, start_of
from analysis.attribution.integrated_gradients import Progress
from analysis.attribution.score_function import Asked, chunks, rows_without_gradients
from analysis.attribution.unit_scores import Account
from analysis.predictions.resolve import output_positions

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Way:
    """A way to take words away: scores [row] from `gone` [row, token].

    `keeps_readers`: what the target is read from cannot go, since it would leave nothing to ask for.
    """

    scores: Callable[[Asked, Tensor], Tensor]
    keeps_readers: bool = False


def replaced_by(baseline: Baseline) -> Way:
    """In place of a word piece's embedding stands the baseline's."""

    def scores(asked: Asked, gone: Tensor) -> Tensor:
        import torch

        return asked.scores(torch.where(gone[..., None], start_of(asked, baseline), asked.embeddings))

    return Way(scores)


def deleted(asked: Asked, gone: Tensor) -> Tensor:
    """Nothing attends to what is gone, and what follows moves up: the same as reading a text without it."""
    positions = (~gone).cumsum(dim=1) - 1
    rows = asked.embeddings.expand(len(gone), -1, -1)
    return asked.scores(rows, attention_mask=(~gone).long(), position_ids=positions.clamp(min=0))


WAYS: dict[str, Way] = {
    "[MASK]": replaced_by(BASELINES["[MASK]"]),
    "deletion": Way(deleted, keeps_readers=True),
}


def erasable(asked: Asked, way: Way) -> Array:
    """The units that can be taken away, indices: words, but no mask that is to be filled."""
    stays = asked.stays.copy()
    if way.keeps_readers:
        stays[list(output_positions(asked.target, asked.model, asked.tokens))] = True
    return np.flatnonzero([not stays[unit].any() for unit in units_of(asked.tokens)])


def scores_without(asked: Asked, gone: Array, way: Way, progress: Progress = lambda share: None) -> Array:
    """[row]: the target's score without the units `gone` [row, unit], in logits.

    `progress` is told the share that is done, outside the model's lock; whatever it raises stops.
    """
    import torch

    sizes = [len(unit) for unit in units_of(asked.tokens)]
    tokens = np.repeat(gone, sizes, axis=1)  # [row, token]
    scores = np.empty(len(gone))
    for rows in chunks(len(gone), rows_without_gradients(asked)):
        with asked.model.lock, torch.inference_mode():
            scores[rows] = way.scores(asked, torch.tensor(tokens[rows])).double().numpy()
        progress(rows.stop / len(gone))
    return scores


def drops_alone(asked: Asked, way: Way, progress: Progress = lambda share: None) -> tuple[Array, float]:
    """What the score loses with each unit taken away alone, [unit], and the score of the whole text.

    In logits; 0 for what cannot be taken away.
    """
    units = len(units_of(asked.tokens))
    rows = np.concatenate([np.zeros((1, units), dtype=bool), np.eye(units, dtype=bool)[erasable(asked, way)]])
    whole, *without = scores_without(asked, rows, way, progress)
    drops = np.zeros(units)
    drops[erasable(asked, way)] = whole - np.array(without)
    return drops, float(whole)


def occlusion(asked: Asked, baseline: Baseline, progress: Progress) -> Account:
    """Zeiler & Fergus 2014, a word at a time: what the score loses with the baseline in its place."""
    drops, _ = drops_alone(asked, replaced_by(baseline), progress)
    return Account(drops, ends(asked, baseline))
