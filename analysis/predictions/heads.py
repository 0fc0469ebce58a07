"""One model's answer to one example, for any task.

>>> predict(model, Example("sentiment", "A quiet triumph.")).summary
'positive (97 %)'
"""

from __future__ import annotations

from collections.abc import Callable

from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.forward import Reading, read
from analysis.models.model import Model
from analysis.predictions.entities import classify, fill, recognise
from analysis.predictions.question_answering import answer
from analysis.predictions.values import Prediction

DECODERS: dict[str, Callable[[Model, tuple[Reading, ...]], Prediction]] = {
    "AutoModelForMaskedLM": fill,
    "AutoModelForSequenceClassification": classify,
    "AutoModelForTokenClassification": recognise,
    "AutoModelForQuestionAnswering": answer,
}


def predict(model: Model, example: Example) -> Prediction:
    """What `model` answers to a checked example. Raises `AnalysisError` where the text is too long for it."""
    return DECODERS[TASKS[example.task].head](model, read(model, example))
