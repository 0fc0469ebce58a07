"""How each kind of task head is shown, exported and asked about: one row each, and a default for all others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.entities import Entities
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.label_sets import LabelSet
from analysis.predictions.question_answering import SpanPredictions
from analysis.predictions.regression import Number
from analysis.predictions.targets import Target
from analysis.predictions.values import Prediction
from dashboard.attribution import own_target
from dashboard.export import answers as export
from dashboard.predictions import answers


@dataclass(frozen=True, slots=True)
class HeadView:
    """`panel(predictions, example)` draws both models' answers, and `export_form(prediction)` gives one as JSON values.

    `own_target(prediction, key)` draws the fields in which a reader names a target; None where all are offered.
    """

    panel: Callable[[Sides[Any], Example], None] = answers.distributions
    export_form: Callable[[Any], dict[str, Any]] = export.distributions
    own_target: Callable[..., Target] | None = None


HEAD_VIEWS: dict[type, HeadView] = {
    Classification: HeadView(answers.classification, export.classification),
    LabelSet: HeadView(answers.label_sets, export.label_sets),
    Number: HeadView(answers.numbers, export.numbers),
    MaskPredictions: HeadView(answers.mask_predictions, export.mask_predictions, own_target.piece),
    Entities: HeadView(answers.entities, export.entities, own_target.entity),
    SpanPredictions: HeadView(answers.span_predictions, export.span_predictions, own_target.span),
}


def view_of(prediction: Prediction) -> HeadView:
    """The row of a prediction's type."""
    return HEAD_VIEWS.get(type(prediction), HeadView())


def panel(predictions: Sides[Prediction], example: Example) -> None:
    """Both models' answers, drawn as their kind asks for."""
    view_of(predictions.teacher).panel(predictions, example)


def as_json(prediction: Prediction) -> dict[str, Any]:
    """A prediction as numbers, strings, lists and dictionaries: `summary`, and what its kind adds."""
    return {"summary": prediction.summary, **view_of(prediction).export_form(prediction)}
