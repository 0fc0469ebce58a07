"""Where what is asked stands in a model's answer: its score, and how likely the model holds it.

score_target(model, example, default_target(predict(teacher, example))).probability
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.inputs.examples import Example
from analysis.models.forward import only_window, read
from analysis.models.model import Model
from analysis.predictions.heads import head_of_model
from analysis.predictions.resolve import resolve
from analysis.predictions.targets import Target


@dataclass(frozen=True, slots=True)
class TargetScore:
    """`score` in logits, as attributions tell it, and `probability`, 0 to 1, of all that is claimed together.

    That is of a label; a piece for its mask; the tags of some words, each by itself; or a stretch, a start or an end
    among all stretches of the context. Of one rather than another: of the one, if it is one of the two. A number has no
    probability: None.
    """

    score: float
    probability: float | None


def score_target(model: Model, example: Example, target: Target) -> TargetScore:
    """How much a model holds a target. Raises `AnalysisError` where it lacks a label or word, or needs many windows."""
    resolved_target = resolve(target, model, only_window(model, example))
    (reading,) = read(model, example)
    score, log_probability = resolved_target.score(reading.logits), head_of_model(model).log_probability
    if log_probability is None:
        return TargetScore(score, None)
    one = log_probability(reading, resolved_target.logit_indices, model)
    all_ = np.logaddexp(one, log_probability(reading, resolved_target.foil, model)) if resolved_target.foil else 0.0
    return TargetScore(score, float(np.exp(one - all_)) if one > -np.inf else 0.0)
