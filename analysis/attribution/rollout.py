"""Attention rollout as an attribution, for comparison: it shows what was attended to, not its effect on the score."""

from __future__ import annotations

from analysis.attention.maps import shares_of_words
from analysis.attention.rollout import rollout
from analysis.attribution.baselines import Baseline, end_scores
from analysis.attribution.score_function import ScoreFunction
from analysis.attribution.unit_scores import UnitScores
from analysis.predictions.resolve import output_positions
from analysis.progress import Progress


def attention_rollout(score_function: ScoreFunction, baseline: Baseline, progress: Progress) -> UnitScores:
    """Abnar & Zuidema 2020, the mean over the target's output positions; see `analysis.attention.rollout`."""
    positions = list(output_positions(score_function.target, score_function.model, score_function.tokens))
    row = rollout(score_function.attentions())[-1, positions].mean(axis=0)  # [token]
    progress(1.0)
    return UnitScores(shares_of_words(row, score_function.tokens), end_scores(score_function, baseline))
