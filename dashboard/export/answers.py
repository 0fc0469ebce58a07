"""Predictions as plain JSON values, with the numbers that the page draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from analysis.predictions.values import Classification, Entities, MaskPredictions, Prediction, SpanPredictions

CANDIDATES = 10  # of each mask


def as_json(prediction: Prediction) -> dict[str, Any]:
    """A prediction as numbers, strings, lists and dictionaries: `summary`, and what its kind adds."""
    return {"summary": prediction.summary, **FORMS[type(prediction)](prediction)}


def _classification(prediction: Classification) -> dict[str, Any]:
    return {
        "label": prediction.answer_key,
        "probabilities": dict(zip(prediction.labels, prediction.probabilities.tolist(), strict=True)),
        "logits": dict(zip(prediction.labels, prediction.logits.tolist(), strict=True)),
    }


def _fills(prediction: MaskPredictions) -> dict[str, Any]:
    return {
        "masks": [
            [{"piece": piece, "probability": probability} for piece, probability in prediction.best(mask, CANDIDATES)]
            for mask in range(len(prediction.masks))
        ]
    }


def _entities(prediction: Entities) -> dict[str, Any]:
    return {"entities": [asdict(entity) for entity in prediction.entities]}


def _answers(prediction: SpanPredictions) -> dict[str, Any]:
    return {
        "answers": [asdict(answer) for answer in prediction.answers],
        "no_answer": prediction.no_answer,
        "windows": prediction.windows,
    }


FORMS: dict[type, Callable[[Any], dict[str, Any]]] = {
    Classification: _classification,
    MaskPredictions: _fills,
    Entities: _entities,
    SpanPredictions: _answers,
}
