"""Occlusion: the scores of a text with some of its words removed, in batches. Faithfulness builds on them as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array
from analysis.attention.maps import units_of
from analysis.attribution.baselines import BASELINES, Baseline, baseline_embeddings, end_scores
from analysis.attribution.score_function import ScoreFunction, chunks, rows_without_gradients
from analysis.attribution.unit_scores import UnitScores
from analysis.predictions.resolve import output_positions
from analysis.progress import Progress, silent

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Perturbation:
    """A way to remove words: scores [row] from `removed` [row, token].

    `protects_output`: the tokens that the target is read from cannot be removed, since nothing would be left to score.
    """

    scores: Callable[[ScoreFunction, Tensor], Tensor]
    protects_output: bool = False


def replaced_by(baseline: Baseline) -> Perturbation:
    """The baseline's embedding in place of each removed word piece's."""

    def scores(score_function: ScoreFunction, removed: Tensor) -> Tensor:
        import torch

        start = baseline_embeddings(score_function, baseline)
        return score_function.scores(torch.where(removed[..., None], start, score_function.embeddings))

    return Perturbation(scores)


def deleted(score_function: ScoreFunction, removed: Tensor) -> Tensor:
    """Nothing attends to removed tokens, and those after them move up: the same as reading a text without them."""
    positions = (~removed).cumsum(dim=1) - 1
    rows = score_function.embeddings.expand(len(removed), -1, -1)
    return score_function.scores(rows, attention_mask=(~removed).long(), position_ids=positions.clamp(min=0))


PERTURBATIONS: dict[str, Perturbation] = {
    "[MASK]": replaced_by(BASELINES["[MASK]"]),
    "deletion": Perturbation(deleted, protects_output=True),
}


def removable_units(score_function: ScoreFunction, perturbation: Perturbation) -> Array:
    """The indices of the units that can be removed: words, but no mask that is to be filled."""
    protected = score_function.protected.copy()
    tokens = score_function.tokens
    if perturbation.protects_output:
        protected[list(output_positions(score_function.target, score_function.model, tokens))] = True
    return np.flatnonzero([not protected[unit].any() for unit in units_of(tokens)])


def scores_without(
    score_function: ScoreFunction,
    removed: Array,
    perturbation: Perturbation,
    progress: Progress = silent,
) -> Array:
    """[row]: the target's score without the units `removed` [row, unit], in logits.

    `progress` is called with the share done, outside the model's lock; whatever it raises stops the computation.
    """
    import torch

    sizes = [len(unit) for unit in units_of(score_function.tokens)]
    tokens = np.repeat(removed, sizes, axis=1)  # [row, token]
    scores = np.empty(len(removed))
    for rows in chunks(len(removed), rows_without_gradients(score_function)):
        with score_function.model.lock, torch.inference_mode():
            scores[rows] = perturbation.scores(score_function, torch.tensor(tokens[rows])).double().numpy()
        progress(rows.stop / len(removed))
    return scores


def leave_one_out_drops(
    score_function: ScoreFunction, perturbation: Perturbation, progress: Progress = silent
) -> tuple[Array, float]:
    """How much the score drops if each unit alone is removed, [unit], and the score of the whole text.

    In logits; 0 for units that cannot be removed.
    """
    units, removable = len(units_of(score_function.tokens)), removable_units(score_function, perturbation)
    rows = np.concatenate([np.zeros((1, units), dtype=bool), np.eye(units, dtype=bool)[removable]])
    whole, *without = scores_without(score_function, rows, perturbation, progress)
    drops = np.zeros(units)
    drops[removable] = whole - np.array(without)
    return drops, float(whole)


def occlusion(score_function: ScoreFunction, baseline: Baseline, progress: Progress) -> UnitScores:
    """Zeiler & Fergus 2014, one word at a time: how much the score drops with the baseline in its place."""
    drops, _ = leave_one_out_drops(score_function, replaced_by(baseline), progress)
    return UnitScores(drops, end_scores(score_function, baseline))
