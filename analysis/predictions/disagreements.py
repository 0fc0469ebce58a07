"""Examples on which teacher and student part, those first on which they part most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample
from analysis.models.pairs import Sides
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import sides_correct, verdict
from analysis.predictions.values import Prediction


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An example with both answers in words, who is right (None where people could differ), and the divergence in bits.

    `divergence` is the Jensen–Shannon divergence of both predictions.
    """

    title: str
    example: Example
    answers: Sides[str]
    verdict: str | None
    divergence: float


def disagreement(sample: Sample, example: Example, predictions: Sides[Prediction]) -> Disagreement | None:
    """How the two part on a sample; None where they say the same, are both right, or have other labels."""
    comparison = compare(predictions)
    both_right = sample.expected is not None and all(sides_correct(predictions, sample))
    if comparison.agree or both_right or comparison.divergence is None:
        return None
    summaries = predictions.map(lambda prediction: prediction.summary)
    return Disagreement(sample.title, example, summaries, verdict(predictions, sample), comparison.divergence)


def widest(found: Iterable[Disagreement], most: int, of_a_task: int) -> tuple[Disagreement, ...]:
    """At most so many disagreements, and so many of a task, the most divergent first."""
    taken: Counter[str] = Counter()
    chosen = []
    for each in sorted(found, key=lambda each: -each.divergence):
        if taken[each.example.task] < of_a_task:
            taken[each.example.task] += 1
            chosen.append(each)
    return tuple(chosen[:most])
