"""Both models' answers and tokens, remembered: what every page begins with."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.inputs.examples import Example
from analysis.models.pairs import Checkpoint
from analysis.models.tokens import Tokens, tokenize
from analysis.predictions.heads import head_of, predict
from analysis.predictions.values import Prediction
from cache.remember import remember


@dataclass(frozen=True, slots=True)
class Windows:
    """The token sequences of one example, as one value to remember."""

    tokens: tuple[Tokens, ...]


def prediction(checkpoint: Checkpoint, example: Example) -> Prediction:
    """A model's answer to a checked example."""
    value: Prediction = remember(
        "prediction",
        head_of(example.task).prediction,
        [(checkpoint, example.task)],
        lambda model: predict(model, example),
        texts=example.texts,
    )
    return value


def tokens(checkpoint: Checkpoint, example: Example) -> tuple[Tokens, ...]:
    """A checked example as a model's tokens, one sequence a window."""
    windows: Windows = remember(
        "tokens",
        Windows,
        [(checkpoint, example.task)],
        lambda model: Windows(tokenize(model, example)),
        texts=example.texts,
    )
    return windows.tokens
