"""The examples that two models answer differently, the farthest apart first, with who is right.

disagreements("sentiment", samples, answers)[0].right    # "teacher"
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample
from analysis.models.pairs import Sides
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import known_correct, verdict
from analysis.predictions.values import Prediction

TEACHER, STUDENT, NEITHER, BOTH = "teacher", "student", "neither", "both"
OPEN = "open"  # a person could answer otherwise
RIGHT = {(True, False): TEACHER, (False, True): STUDENT, (False, False): NEITHER, (True, True): BOTH}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A sample with two different answers, and who is right: `TEACHER`, `STUDENT`, `NEITHER`, `BOTH` or `OPEN`.

    `verdict` says so in a sentence, None if `OPEN`. `divergence` is that of the predictions in bits, None where their
    labels differ.
    """

    task: str
    sample: Sample
    answers: Sides[str]
    right: str
    verdict: str | None
    divergence: float | None

    @property
    def example(self) -> Example:
        return Example(self.task, self.sample.text, self.sample.text_pair)


def disagreements(
    task: str, samples: Sequence[Sample], answers: Sequence[Sides[Prediction]]
) -> tuple[Disagreement, ...]:
    """Those of a task's samples that are answered differently, by falling divergence."""
    found = [
        Disagreement(
            task,
            sample,
            both.map(lambda answer: answer.summary),
            _right(sample, both),
            verdict(both, sample),
            comparison.divergence,
        )
        for sample, both in zip(samples, answers, strict=True)
        if (comparison := compare(both)).agree is False
    ]
    return tuple(sorted(found, key=lambda one: -1.0 if one.divergence is None else one.divergence, reverse=True))


def widest(found: Iterable[Disagreement], most: int, of_a_task: int) -> tuple[Disagreement, ...]:
    """At most so many disagreements, and so many of a task, the most divergent first; none where both are right."""
    taken: Counter[str] = Counter()
    chosen = []
    comparable = [one for one in found if one.divergence is not None and one.right != BOTH]
    for one in sorted(comparable, key=lambda one: one.divergence or 0.0, reverse=True):
        if taken[one.task] < of_a_task:
            taken[one.task] += 1
            chosen.append(one)
    return tuple(chosen[:most])


def _right(sample: Sample, answers: Sides[Prediction]) -> str:
    correct = known_correct(answers, sample)
    if correct is None:
        return OPEN
    return RIGHT[correct.teacher, correct.student]
