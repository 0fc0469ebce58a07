"""Attention rollout among the attributions, for comparison: it says what was read, not what it did to the score."""

from __future__ import annotations

from analysis.attention.maps import shares_of_words
from analysis.attention.rollout import rollout
from analysis.attribution.baselines import Baseline, ends
from analysis.attribution.integrated_gradients import Progress
from analysis.attribution.score_function import Asked
from analysis.attribution.unit_scores import Account
from analysis.predictions.resolve import output_positions


def attention_rollout(asked: Asked, baseline: Baseline, progress: Progress) -> Account:
    """Abnar & Zuidema 2020, the mean over the tokens that the target is read from; see `analysis.attention.rollout`."""
    readers = list(output_positions(asked.target, asked.model, asked.tokens))
    row = rollout(asked.attentions())[-1, readers].mean(axis=0)  # [token]
    progress(1.0)
    return Account(shares_of_words(row, asked.tokens), ends(asked, baseline))
