"""Whether an answer is the one that a person would give.

    is_correct(predict(model, example), "positive")
    verdict(predictions, sample)  # "A person would answer “positive”: the teacher does, the student does not."

An expectation is a label, the words that may stand at the first mask, the answers that count, or all the entities, each
(text, type).
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from analysis.inputs.tasks import Sample
from analysis.models.pairs import Sides
from analysis.predictions.values import Classification, Entities, MaskPredictions, Prediction, SpanPredictions

Expected: TypeAlias = str | Sequence[str] | Sequence[Sequence[str]]

# What the types of several data sets have in common; other types (times, nationalities, works) are not compared.
KINDS = {"per": "person", "org": "organisation", "geo": "place", "gpe": "place", "loc": "place"}
VERDICTS = {
    (True, True): "both do",
    (True, False): "the teacher does, the student does not",
    (False, True): "the student does, the teacher does not",
    (False, False): "neither does",
}


def is_correct(prediction: Prediction, expected: Expected) -> bool:
    """Whether a prediction says what is expected."""
    return CORRECT[type(prediction)](prediction, expected)


def verdict(predictions: Sides[Prediction], sample: Sample) -> str | None:
    """Which side answers a sample as a person would, as a sentence; None where a person could answer otherwise."""
    if sample.expected is None:
        return None
    right = sides_correct(predictions, sample)
    return f"A person would answer {in_words(sample.expected)}: {VERDICTS[right.teacher, right.student]}."


def sides_correct(predictions: Sides[Prediction], sample: Sample) -> Sides[bool]:
    """For each side whether it answers a sample as a person would."""
    return predictions.map(lambda prediction: _sample_is_right(prediction, sample.expected))


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


def _sample_is_right(prediction: Prediction, expected: Any) -> bool:
    """As `is_correct`, with the types of entities reduced to `KINDS`: the pairs' checkpoints name them otherwise."""
    if not isinstance(prediction, Entities):
        return is_correct(prediction, expected)
    kinds = [(entity.text.lower(), KINDS.get(entity.label.lower())) for entity in prediction.entities]
    return sorted((text, kind) for text, kind in kinds if kind) == sorted(
        (text.lower(), kind) for text, kind in expected
    )


def _word_is_right(fills: MaskPredictions, expected: Sequence[str]) -> bool:
    """The likeliest piece at the first mask is one of the words."""
    return fills.best(0, 1)[0][0].lower() in expected


def _label_is_right(classification: Classification, expected: str | Sequence[str]) -> bool:
    """The likeliest label is the expected one, or one of those that count."""
    return str(classification.answer_key).lower() in ([expected] if isinstance(expected, str) else expected)


def _entities_are_right(entities: Entities, expected: Sequence[Sequence[str]]) -> bool:
    """All the expected entities with their types, and no other."""
    found = sorted((entity.text.lower(), entity.label.lower()) for entity in entities.entities)
    return found == sorted((text.lower(), kind) for text, kind in expected)


def _answer_is_right(answers: SpanPredictions, expected: Sequence[str]) -> bool:
    """The likeliest answer equals one of the expected ones, as SQuAD compares: without case, points and articles."""
    return normalize_answer(answers.wording) in map(normalize_answer, expected)


def normalize_answer(text: str) -> str:
    """A text as SQuAD's evaluation compares it.

    >>> normalize_answer("The  Old Mill.")
    'old mill'
    """
    letters = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", letters).split())


CORRECT: dict[type, Callable[[Any, Any], bool]] = {
    MaskPredictions: _word_is_right,
    Classification: _label_is_right,
    Entities: _entities_are_right,
    SpanPredictions: _answer_is_right,
}
