"""Predictions as plain JSON values with the numbers that the page draws, a function for each kind of task head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from analysis.predictions.classification import Classification
from analysis.predictions.entities import Entities
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.heads import head_that_gave
from analysis.predictions.label_sets import LabelSet
from analysis.predictions.question_answering import SpanPredictions
from analysis.predictions.regression import Number
from analysis.predictions.values import Prediction

CANDIDATES = 10  # of each mask


def classification(prediction: Classification) -> dict[str, Any]:
    return {
        "label": prediction.wording,
        **_label_by_label(prediction),
        **_by_window(prediction, classification),
    }


def label_sets(prediction: LabelSet) -> dict[str, Any]:
    return {
        "labels": [prediction.labels[label] for label in prediction.holding],
        **_label_by_label(prediction),
        **_by_window(prediction, label_sets),
    }


def numbers(prediction: Number) -> dict[str, Any]:
    return {"number": prediction.value, **_by_window(prediction, numbers)}


def _by_window(prediction: Any, form: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """What is answered to each window of a long text, with its characters; nothing of a text that is read at once."""
    windows = prediction.by_window
    if windows is None:
        return {}
    own = head_that_gave(prediction).in_windows(prediction)
    named = [dict(zip(("start", "end"), stretch, strict=True)) for stretch in windows.stretches.tolist()]
    told = [{"summary": answer.summary, **form(answer)} for answer in own]
    return {"by_window": [{**place, **answer} for place, answer in zip(named, told, strict=True)]}


def _label_by_label(prediction: Classification | LabelSet) -> dict[str, Any]:
    return {
        "probabilities": dict(zip(prediction.labels, prediction.probabilities.tolist(), strict=True)),
        "logits": dict(zip(prediction.labels, prediction.logits.tolist(), strict=True)),
    }


def mask_predictions(prediction: MaskPredictions) -> dict[str, Any]:
    return {
        "masks": [
            [{"piece": piece, "probability": probability} for piece, probability in prediction.best(mask, CANDIDATES)]
            for mask in range(len(prediction.masks))
        ]
    }


def entities(prediction: Entities) -> dict[str, Any]:
    return {"entities": [asdict(entity) for entity in prediction.entities], "windows": prediction.windows}


def span_predictions(prediction: SpanPredictions) -> dict[str, Any]:
    return {
        "answers": [asdict(answer) for answer in prediction.answers],
        "no_answer": prediction.no_answer,
        "windows": prediction.windows,
    }


def distributions(prediction: Prediction) -> dict[str, Any]:
    """What any prediction gives probability to."""
    return {
        "distributions": [dict(zip(prediction.outcomes, row.tolist(), strict=True)) for row in prediction.distributions]
    }
