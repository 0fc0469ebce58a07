"""The other gradient methods: expected gradients over all baselines, input x gradient, and saliency."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from analysis.attention.maps import shares_of_words
from analysis.attribution.baselines import BASELINES, Baseline, end_scores
from analysis.attribution.integrated_gradients import integrated_gradients
from analysis.attribution.score_function import ScoreFunction
from analysis.attribution.unit_scores import Convergence, UnitScores, part_of
from analysis.progress import Progress


def expected_gradients(score_function: ScoreFunction, baseline: Baseline, progress: Progress) -> UnitScores:
    """The mean of integrated gradients over every row of `BASELINES`, whichever is chosen.

    This is what GradientSHAP (Lundberg & Lee 2017; Erion et al. 2021) estimates by drawing baselines and points of the
    path at random. Captum draws from NumPy's global generator: no seed of ours would make it repeatable beside other
    threads, and sums over a few draws are far from complete.
    """
    shares = np.linspace(0, 1, len(BASELINES) + 1)
    by_baseline = [
        integrated_gradients(score_function, row, part_of(progress, begin, end))
        for row, (begin, end) in zip(BASELINES.values(), pairwise(shares), strict=True)
    ]
    starts, texts = zip(*(each.end_scores for each in by_baseline), strict=True)
    mean = np.mean([each.values for each in by_baseline], axis=0)
    convergence = _mean_convergence([each.convergence for each in by_baseline if each.convergence])
    return UnitScores(mean, (float(np.mean(starts)), texts[0]), convergence)


def _mean_convergence(convergences: list[Convergence]) -> Convergence:
    relative = all(convergence.tolerance_kind == "relative" for convergence in convergences)
    return Convergence(
        n_steps=sum(convergence.n_steps for convergence in convergences),
        delta=float(np.mean([convergence.delta for convergence in convergences])),
        tolerance_kind="relative" if relative else "absolute",
        converged=all(convergence.converged for convergence in convergences),
    )


def input_x_gradient(score_function: ScoreFunction, baseline: Baseline, progress: Progress) -> UnitScores:
    """Shrikumar et al. 2016: the attribution of the score's tangent at the text, followed down to zero embeddings."""
    from captum.attr import InputXGradient

    return _at_the_text(score_function, baseline, InputXGradient(score_function.scores), progress)


def saliency(score_function: ScoreFunction, baseline: Baseline, progress: Progress) -> UnitScores:
    """Simonyan et al. 2013: how strongly the score reacts to a word's embedding, in whichever direction."""
    from captum.attr import Saliency

    return _at_the_text(score_function, baseline, Saliency(score_function.scores), progress)


def _at_the_text(score_function: ScoreFunction, baseline: Baseline, method: Any, progress: Progress) -> UnitScores:
    with score_function.model.lock:
        text = score_function.embeddings[None].requires_grad_()  # [1, token, width]
        values = method.attribute(text)[0].sum(-1)  # [token]
    progress(1.0)
    by_unit = shares_of_words(values.detach().double().numpy(), score_function.tokens)
    return UnitScores(by_unit, end_scores(score_function, baseline))
