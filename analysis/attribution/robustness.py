"""How steady an attribution is, and how well it foretells what words do: Yeh et al. 2019, from `captum.metrics`.

https://arxiv.org/abs/1901.09392. Both take many passes, so they are computed on request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.attention.maps import units_of
from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.integrated_gradients import Progress
from analysis.attribution.methods import METHODS, row_of
from analysis.attribution.occlusion import erasable, replaced_by, scores_without
from analysis.attribution.score_function import Asked, ask
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.predictions.targets import Target

if TYPE_CHECKING:
    from torch import Tensor

RADIUS = 0.02  # of the standard deviation of the text's embeddings
MOVES = 10
SUBSETS = 200
SEED = 0


@dataclass(frozen=True, slots=True)
class Robustness:
    """Of one method's attribution.

    `sensitivity`: by how much of its size the attribution changes at most while the embeddings move by RADIUS, over
    MOVES draws. `infidelity`: the mean squared error, in logits squared, of its sum over words drawn at random as a
    forecast of what the score loses without them (replaced by the baseline), over SUBSETS draws; the attribution is
    first scaled to fit best, so that methods in other units can be compared. Lower is better in both.
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
    progress: Progress = lambda share: None,
) -> Robustness:
    """Sensitivity and infidelity of a method, by keys of `METHODS` and `BASELINES`.

    `progress` is told the share that is done, outside the model's lock; whatever it raises stops.
    """
    asked, chosen, start = (
        ask(model, example, target),
        row_of(METHODS, method, "method"),
        row_of(BASELINES, baseline, "baseline"),
    )
    done = 0

    def values(rows: Tensor) -> Tensor:
        """Attributions [row, unit] of moved embeddings [row, token, width]."""
        import torch

        nonlocal done
        accounts = []
        for row in rows:
            with torch.enable_grad():  # Captum switches gradients off around this
                accounts.append(chosen.give(replace(asked, embeddings=row.detach()), start, lambda share: None).values)
            done += 1
            progress(done / (MOVES + 3))  # the text itself is explained twice, and infidelity is as quick as one
        return torch.tensor(np.stack(accounts))

    sensitivity = _sensitivity(asked, values)
    infidelity = _infidelity(asked, values(asked.embeddings[None]), baseline)
    progress(1.0)
    return Robustness(method, baseline, sensitivity, infidelity)


def _sensitivity(asked: Asked, values: Callable[[Tensor], Tensor]) -> float:
    import torch
    from captum.metrics import sensitivity_max

    generator = torch.Generator().manual_seed(SEED)  # its own: other threads may draw from the global one
    moves = torch.tensor(~asked.stays)[:, None] * RADIUS * float(asked.embeddings.std())

    def moved(rows: Tensor) -> tuple[Tensor]:
        return (rows + moves * (2 * torch.rand(rows.shape, generator=generator) - 1),)

    def explained(inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (values(inputs[0]),)

    return float(sensitivity_max(explained, asked.embeddings[None], moved, n_perturb_samples=MOVES))


def _infidelity(asked: Asked, values: Tensor, baseline: str) -> float:
    """Of `values` [1, unit]; the function that is foretold takes which units are there, [row, unit], 1 or 0."""
    import torch
    from captum.metrics import infidelity

    generator = torch.Generator().manual_seed(SEED)
    way = replaced_by(BASELINES[baseline])
    units = torch.zeros(len(units_of(asked.tokens)), dtype=torch.float64)
    units[erasable(asked, way)] = 1

    def score(there: Tensor) -> Tensor:
        return torch.tensor(scores_without(asked, (there == 0).numpy(), way))

    def some_gone(there: Tensor) -> tuple[Tensor, Tensor]:
        gone = units * torch.randint(2, there.shape, generator=generator)
        return gone, there - gone

    whole = torch.ones_like(values)
    return float(infidelity(score, some_gone, whole, values, n_perturb_samples=SUBSETS, normalize=True))
