"""From gradients: integrated, expected over all baselines, times the input, and their bare size."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from analysis.attention.maps import shares_of_words
from analysis.attribution.baselines import BASELINES, Baseline, ends, start_of
from analysis.attribution.integrated_gradients import Convergence, Progress, integrated, part_of, path_to
from analysis.attribution.score_function import Asked
from analysis.attribution.unit_scores import Account


def integrated_gradients(asked: Asked, baseline: Baseline, progress: Progress) -> Account:
    """Sundararajan et al. 2017; see `path`."""
    path = path_to(asked, start_of(asked, baseline))
    values, convergence = integrated(path, progress)
    return Account(shares_of_words(values, asked.tokens), (path.scores[0.0], path.scores[1.0]), convergence)


def expected_gradients(asked: Asked, baseline: Baseline, progress: Progress) -> Account:
    """The mean of integrated gradients over every row of `BASELINES`, whichever is chosen.

    This is what GradientSHAP (Lundberg & Lee 2017; Erion et al. 2021) estimates by drawing baselines and places at
    random. Captum's draws from NumPy's global generator: no seed of ours would make it repeat itself beside other
    threads, and sums of a few draws are far from complete.
    """
    shares = np.linspace(0, 1, len(BASELINES) + 1)
    accounts = [
        integrated_gradients(asked, row, part_of(progress, begin, end))
        for row, (begin, end) in zip(BASELINES.values(), pairwise(shares), strict=True)
    ]
    starts, texts = zip(*(account.ends for account in accounts), strict=True)
    each = [account.convergence for account in accounts if account.convergence]
    convergence = Convergence(
        n_steps=sum(one.n_steps for one in each),
        delta=float(np.mean([one.delta for one in each])),
        rule="relative" if all(one.rule == "relative" for one in each) else "absolute",
        reached=all(one.reached for one in each),
    )
    return Account(
        np.mean([account.values for account in accounts], axis=0), (float(np.mean(starts)), texts[0]), convergence
    )


def input_x_gradient(asked: Asked, baseline: Baseline, progress: Progress) -> Account:
    """Shrikumar et al. 2016: what a straight line at the text, led on to zero embeddings, would account for."""
    from captum.attr import InputXGradient

    return _at_the_text(asked, baseline, InputXGradient(asked.scores), progress)


def saliency(asked: Asked, baseline: Baseline, progress: Progress) -> Account:
    """Simonyan et al. 2013: how strongly the score reacts to a word's embedding, in whichever direction."""
    from captum.attr import Saliency

    return _at_the_text(asked, baseline, Saliency(asked.scores), progress)


def _at_the_text(asked: Asked, baseline: Baseline, method: Any, progress: Progress) -> Account:
    with asked.model.lock:
        text = asked.embeddings[None].requires_grad_()  # [1, token, width]
        values = method.attribute(text)[0].sum(-1)  # [token]
    progress(1.0)
    return Account(shares_of_words(values.detach().double().numpy(), asked.tokens), ends(asked, baseline))
