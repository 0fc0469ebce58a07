"""Robustness: how stable an attribution is, and how well it predicts the effect of words, from `captum.metrics`.

Sensitivity and infidelity are by Yeh et al. 2019, https://arxiv.org/abs/1901.09392. Both take many passes, so they are
computed on request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.attention.maps import units_of
from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.methods import METHODS
from analysis.attribution.occlusion import removable_units, replaced_by, scores_without
from analysis.attribution.score_function import ScoreFunction, score_function_of
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.predictions.targets import Target
from analysis.progress import Progress, silent
from analysis.tables import row_of

if TYPE_CHECKING:
    from torch import Tensor

RADIUS = 0.02  # of the standard deviation of the text's embeddings
MOVES = 10
SUBSETS = 200
SEED = 0


@dataclass(frozen=True, slots=True)
class Robustness:
    """Two measures of one method's attribution; lower is better in both.

    `sensitivity`: the largest change of the attribution, relative to its size, while the embeddings move by RADIUS,
    over MOVES draws. `infidelity`: the mean squared error, in logits squared, of its sum over randomly drawn words as a
    prediction of how much the score drops without them (replaced by the baseline), over SUBSETS draws; the attribution
    is first scaled to fit best, so that methods in other units can be compared.
    """

    method: str
    baseline: str
    sensitivity: float
    infidelity: float


def robustness(
    model: Model,
    example: Example,
    target: Target,
    method: str,
    baseline: str = DEFAULT_BASELINE,
    progress: Progress = silent,
) -> Robustness:
    """Sensitivity and infidelity of a method, by keys of `METHODS` and `BASELINES`.

    `progress` is called with the share done, outside the model's lock; whatever it raises stops the computation.
    """
    score_function = score_function_of(model, example, target)
    compute = row_of(METHODS, method, "method").compute
    baseline_row = row_of(BASELINES, baseline, "baseline")
    done = 0

    def attributions(rows: Tensor) -> Tensor:
        """Attributions [row, unit] of moved embeddings [row, token, width]."""
        import torch

        nonlocal done
        values = []
        for row in rows:
            moved = replace(score_function, embeddings=row.detach())
            with torch.enable_grad():  # Captum switches gradients off around this
                values.append(compute(moved, baseline_row, silent).values)
            done += 1
            progress(done / (MOVES + 3))  # the text itself is attributed twice, and infidelity takes as long as one
        return torch.tensor(np.stack(values))

    sensitivity = _sensitivity(score_function, attributions)
    infidelity = _infidelity(score_function, attributions(score_function.embeddings[None]), baseline)
    progress(1.0)
    return Robustness(method, baseline, sensitivity, infidelity)


def _sensitivity(score_function: ScoreFunction, attributions: Callable[[Tensor], Tensor]) -> float:
    import torch
    from captum.metrics import sensitivity_max

    generator = torch.Generator().manual_seed(SEED)  # its own: other threads may draw from the global one
    moves = torch.tensor(~score_function.protected)[:, None] * RADIUS * float(score_function.embeddings.std())

    def perturbed(rows: Tensor) -> tuple[Tensor]:
        return (rows + moves * (2 * torch.rand(rows.shape, generator=generator) - 1),)

    def explained(inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (attributions(inputs[0]),)

    return float(sensitivity_max(explained, score_function.embeddings[None], perturbed, n_perturb_samples=MOVES))


def _infidelity(score_function: ScoreFunction, values: Tensor, baseline: str) -> float:
    """Of `values` [1, unit]; the predicted function takes which units are present, [row, unit], 1 or 0."""
    import torch
    from captum.metrics import infidelity

    generator = torch.Generator().manual_seed(SEED)
    perturbation = replaced_by(BASELINES[baseline])
    units = torch.zeros(len(units_of(score_function.tokens)), dtype=torch.float64)
    units[removable_units(score_function, perturbation)] = 1

    def score(present: Tensor) -> Tensor:
        return torch.tensor(scores_without(score_function, (present == 0).numpy(), perturbation))

    def some_removed(present: Tensor) -> tuple[Tensor, Tensor]:
        removed = units * torch.randint(2, present.shape, generator=generator)
        return removed, present - removed

    whole = torch.ones_like(values)
    return float(infidelity(score, some_removed, whole, values, n_perturb_samples=SUBSETS, normalize=True))
