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


def per_cent(probability: float) -> str:
    """A probability as readers say it; never “100 %” or “0 %” for what is neither.

    >>> per_cent(0.973), per_cent(0.9999), per_cent(0.0001)
    ('97 %', '> 99 %', '< 1 %')
    """
    if probability > 0.99:
        return "> 99 %"
    return "< 1 %" if probability < 0.01 else f"{100 * probability:.0f} %"
