"""What every kind of answer says about itself, so that one function compares, shows and exports any of them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from analysis.arrays import Array


class Prediction(Protocol):
    """What a model answers to one example; the types are in the file of each kind of head.

    `answer_key` is the answer, comparable between models; `wording` says it, and `summary` says it with probabilities.
    `distributions` [row, outcome] are what the answer was chosen from, over `outcomes`; each row sums to 1.
    """

    @property
    def answer_key(self) -> Hashable: ...

    @property
    def wording(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def outcomes(self) -> tuple[str, ...]: ...

    @property
    def distributions(self) -> Array: ...
