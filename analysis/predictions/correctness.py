"""Whether an answer is the one that a person would give.

    is_correct(predict(model, example), "positive")
    verdict(predictions, sample)  # "Correct: “positive”. The teacher is right, the student wrong."

An expectation is a label, the words that may stand at the first mask, the answers that count, or all the entities, each
(text, type).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from analysis.inputs.samples import Sample
from analysis.models.pairs import Sides
from analysis.predictions.comparison import Comparison, compare
from analysis.predictions.heads import head_that_gave
from analysis.predictions.values import Prediction

Expected: TypeAlias = str | Sequence[str] | Sequence[Sequence[str]]


VERDICTS = {
    (True, True): "Both are right",
    (True, False): "The teacher is right, the student wrong",
    (False, True): "The student is right, the teacher wrong",
    (False, False): "Both are wrong",
}


def is_correct(prediction: Prediction, expected: Expected) -> bool:
    """Whether a prediction says what is expected."""
    return head_that_gave(prediction).is_correct(prediction, expected)


def verdict(predictions: Sides[Prediction], sample: Sample) -> str | None:
    """Which side answers a sample as a person would, as a sentence; None where nobody can tell."""
    right = known_correct(predictions, sample)
    if right is None or sample.expected is None:
        return None
    correct = in_words(_known_words(predictions, sample.expected))
    return f"Correct: {correct}. {VERDICTS[right.teacher, right.student]}."


def _known_words(predictions: Sides[Prediction], expected: Expected) -> Expected:
    """Of several words for what is expected those that a model has: other checkpoints call it by the others."""
    if isinstance(expected, str):
        return expected
    return [each for each in expected if any(head_that_gave(given).knows(given, each) for given in predictions)]


def compared(predictions: Sides[Prediction], sample: Sample | None) -> Comparison:
    """Both predictions held against each other, and against the sample's answer if the example is one that has it."""
    return compare(predictions, known_correct(predictions, sample) if sample else None)


def known_correct(predictions: Sides[Prediction], sample: Sample) -> Sides[bool] | None:
    """For each side whether it answers a sample as a person would.

    None where a person could answer otherwise, or a model's labels do not say what they mean.
    """
    if sample.expected is None or not all(
        head_that_gave(prediction).knows(prediction, sample.expected) for prediction in predictions
    ):
        return None
    return sides_correct(predictions, sample)


def sides_correct(predictions: Sides[Prediction], sample: Sample) -> Sides[bool]:
    """For each side whether it answers a sample as a person would."""

    def correct(prediction: Prediction) -> bool:
        head = head_that_gave(prediction)
        return (head.is_correct_sample or head.is_correct)(prediction, sample.expected)

    return predictions.map(correct)


def in_words(expected: Expected) -> str:
    """What is expected, as it stands in a sentence.

    >>> in_words("positive"), in_words(["a", "the"]), in_words([("Paris", "place")]), in_words([])
    ('“positive”', '“a” or “the”', '“Paris” (place)', 'that there is none')
    """
    if isinstance(expected, str):
        return f"“{expected}”"
    if any(not isinstance(each, str) for each in expected):
        return " and ".join(f"“{text}” ({kind})" for text, kind in expected)
    return " or ".join(f"“{each}”" for each in expected) or "that there is none"
