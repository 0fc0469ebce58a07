"""One model's answer to one example, for any task.

>>> predict(model, Example("sentiment", "A quiet triumph.")).summary
'positive (97 %)'
"""

from __future__ import annotations

from collections.abc import Callable

from analysis.answers import answer
from analysis.decoding import classify, fill, recognise
from analysis.examples import Example
from analysis.models import Model
from analysis.predictions import Prediction
from analysis.tasks import TASKS
from analysis.trace import Reading, read

DECODERS: dict[str, Callable[[Model, tuple[Reading, ...]], Prediction]] = {
    "AutoModelForMaskedLM": fill,
    "AutoModelForSequenceClassification": classify,
    "AutoModelForTokenClassification": recognise,
    "AutoModelForQuestionAnswering": answer,
}


def predict(model: Model, example: Example) -> Prediction:
    """What `model` answers to a checked example. Raises `AnalysisError` where the text is too long for it."""
    return DECODERS[TASKS[example.task].head](model, read(model, example))
