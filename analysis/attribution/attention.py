"""Attention rollout among the attributions, for comparison: it says what was read, not what it did to the score."""

from __future__ import annotations

from analysis.attention import shares_of_words
from analysis.attribution.account import Account
from analysis.attribution.asked import Asked
from analysis.attribution.baselines import Baseline, ends
from analysis.attribution.path import Progress
from analysis.flow import rollout
from analysis.targets import read_from


def attention_rollout(asked: Asked, baseline: Baseline, progress: Progress) -> Account:
    """Abnar & Zuidema 2020, the mean over the tokens that the target is read from; see `analysis.flow`."""
    readers = list(read_from(asked.target, asked.model, asked.tokens))
    row = rollout(asked.attentions())[-1, readers].mean(axis=0)  # [token]
    progress(1.0)
    return Account(shares_of_words(row, asked.tokens), ends(asked, baseline))
