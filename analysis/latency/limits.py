"""Which configurations may be measured: those that exist, and that keep nobody else waiting too long."""

from __future__ import annotations

from analysis.errors import AnalysisError
from analysis.latency.config import BenchmarkConfig
from analysis.latency.machine import cores
from analysis.latency.model_variants import ATTENTIONS, DEVICES, PRECISIONS
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.settings import settings
from analysis.tables import check_known

MOST_ROUNDS = 5_000
MOST_BATCH = 32
FEWEST_TOKENS = 3  # [CLS], one token, [SEP]


def check(models: Sides[Model], config: BenchmarkConfig) -> None:
    """Raises `AnalysisError` for a configuration that does not exist, or that exceeds the limits here."""
    for noun, value, known in (
        ("attention", config.attention, ATTENTIONS),
        ("precision", config.precision, PRECISIONS),
        ("device", config.device, DEVICES),
    ):
        check_known(known, value, noun)
    _check_within("batch", config.batch, 1, MOST_BATCH)
    _check_within("number of threads", config.threads, 1, cores())
    if config.tokens is not None:
        _check_within("length in tokens", config.tokens, FEWEST_TOKENS, min(model.max_tokens for model in models))
        check_tokens(config.tokens * config.batch)


def check_rounds(rounds: int) -> None:
    """Raises `AnalysisError` for no rounds or too many."""
    _check_within("number of rounds", rounds, 1, MOST_ROUNDS)


def check_tokens(count: int) -> None:
    """Raises `AnalysisError` if one pass would read too many tokens."""
    most = settings().pass_tokens  # of all sequences of a batch together
    if count > most:
        raise AnalysisError(
            f"One pass would read {count:,} tokens; at most {most:,} are measured here. Choose a smaller batch or a "
            "shorter text."
        )


def _check_within(noun: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise AnalysisError(f"The {noun} is {value:,}; here it can be {least:,} to {most:,}.")
