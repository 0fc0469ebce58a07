"""How many of our own sentences each side answers as a person would: the rows of the metric "probes".

`probes.json` holds twenty items a task: `text`, `text_pair` where the task reads two, and `expected`: the words that
may stand at the mask, the label, the entities (all of them and no other) as [text, type], or the answers that count.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from analysis.examples import Example
from analysis.models import Model, load
from analysis.pairs import Checkpoint
from analysis.predict import predict
from analysis.predictions import Answers, Classification, Entities, Fills

from .evaluate import estimate, mean_of

PROBES = Path(__file__).resolve().with_name("probes.json")
ARCHITECTURES = {"teacher": "bert", "student": "distilbert"}


def probe_rows(checkpoints: Path) -> list[dict[str, Any]]:
    """{task, metric, side, value, low, high, n} for each published task and side, as `evaluation.json` has its rows."""
    rows = []
    for task, items in read_probes().items():
        for side, architecture in ARCHITECTURES.items():
            folder = checkpoints / task / side
            if folder.is_dir():
                right = answered_right(load(Checkpoint(str(folder), architecture), task), items)
                estimated = estimate(mean_of(right, np.ones(len(right))), len(right))
                rows.append({"task": task, "metric": "probes", "side": side, **estimated})
    return rows


def read_probes() -> dict[str, list[dict[str, Any]]]:
    """The items of each task."""
    return dict(json.loads(PROBES.read_text(encoding="utf-8")))


def answered_right(model: Model, items: list[dict[str, Any]]) -> np.ndarray:
    """1 where the model answers an item as a person would, else 0: [item]."""
    predictions = [predict(model, Example(model.task, item["text"], item.get("text_pair"))) for item in items]
    pairs = zip(predictions, items, strict=True)
    return np.array([float(is_right(prediction, item["expected"])) for prediction, item in pairs])


def is_right(prediction: Any, expected: Any) -> bool:
    """Whether a prediction says what is expected."""
    return RIGHT[type(prediction)](prediction, expected)


def word_is_right(fills: Fills, expected: list[str]) -> bool:
    """The likeliest piece at the mask is one of the words."""
    return fills.best(0, 1)[0][0].lower() in expected


def label_is_right(classification: Classification, expected: str) -> bool:
    """The likeliest label is the expected one."""
    return str(classification.verdict).lower() == expected


def entities_are_right(entities: Entities, expected: list[list[str]]) -> bool:
    """All the expected entities with their types, and no other."""
    found = sorted((entity.text.lower(), entity.label.lower()) for entity in entities.entities)
    return found == sorted((text.lower(), kind) for text, kind in expected)


def answer_is_right(answers: Answers, expected: list[str]) -> bool:
    """The likeliest answer equals one of the expected ones, as SQuAD compares: without case, points and articles."""
    return plain(answers.wording) in map(plain, expected)


def plain(text: str) -> str:
    """A text as SQuAD's evaluation compares it.

    >>> plain("The  Old Mill.")
    'old mill'
    """
    letters = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", letters).split())


RIGHT: dict[type, Callable[[Any, Any], bool]] = {
    Fills: word_is_right,
    Classification: label_is_right,
    Entities: entities_are_right,
    Answers: answer_is_right,
}
