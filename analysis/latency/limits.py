"""What may be measured: settings that exist, and that nobody else has to wait for too long."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.errors import AnalysisError
from analysis.inputs.examples import is_hosted
from analysis.latency.config import Setting
from analysis.latency.machine import cores
from analysis.latency.model_variants import ATTENTIONS, DEVICES, PRECISIONS
from analysis.models.model import Model
from analysis.models.pairs import Sides

MOST_ROUNDS = 5_000
MOST_BATCH = 32
FEWEST_TOKENS = 3  # [CLS], one token, [SEP]
LOCAL_TOKENS = 16_384  # in one pass, all sequences of a batch together
HOSTED_TOKENS = 1_024  # where strangers wait for their turn meanwhile
HOSTED_SECONDS = 20.0  # of one measurement


def check(models: Sides[Model], setting: Setting) -> None:
    """Raises `AnalysisError` for a setting that cannot be, or that is too much here."""
    for noun, value, known in (
        ("attention", setting.attention, ATTENTIONS),
        ("precision", setting.precision, PRECISIONS),
        ("device", setting.device, DEVICES),
    ):
        _check_known(noun, value, known)
    _check_within("batch", setting.batch, 1, MOST_BATCH)
    _check_within("number of threads", setting.threads, 1, cores())
    if setting.tokens is not None:
        _check_within("length in tokens", setting.tokens, FEWEST_TOKENS, min(model.max_tokens for model in models))
        check_tokens(setting.tokens * setting.batch)


def check_rounds(rounds: int) -> None:
    """Raises `AnalysisError` where there are none, or too many."""
    _check_within("number of rounds", rounds, 1, MOST_ROUNDS)


def check_tokens(count: int) -> None:
    """Raises `AnalysisError` where one pass would read too many tokens."""
    most = HOSTED_TOKENS if is_hosted() else LOCAL_TOKENS
    if count > most:
        raise AnalysisError(
            f"One pass would read {count:,} tokens; at most {most:,} are measured here. Choose a smaller batch or a "
            "shorter text."
        )


def _check_known(noun: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise AnalysisError(f"There is no {noun} called “{value}”; there are {', '.join(known)}.")


def _check_within(noun: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise AnalysisError(f"The {noun} is {value:,}; here it can be {least:,} to {most:,}.")
