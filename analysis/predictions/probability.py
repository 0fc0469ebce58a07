"""Where what is asked stands in a model's answer: its score, and how likely the model holds it.

score_target(model, example, default_target(predict(teacher, example))).probability
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.forward import Reading, only_window, read
from analysis.models.model import Model
from analysis.predictions.question_answering import candidate_spans, null_score
from analysis.predictions.resolve import resolve
from analysis.predictions.targets import Target

Places = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class TargetScore:
    """`score` in logits, as attributions tell it, and `probability`, 0 to 1, of all that is claimed together.

    That is of a label; a piece for its mask; the tags of some words, each by itself; or a stretch, a start or an end
    among all stretches of the context. Of one rather than another: of the one, if it is one of the two.
    """

    score: float
    probability: float


def score_target(model: Model, example: Example, target: Target) -> TargetScore:
    """How much a model holds a target. Raises `AnalysisError` where it lacks a label or word, or needs many windows."""
    resolved_target = resolve(target, model, only_window(model, example))
    (reading,) = read(model, example)
    likely = _among_stretches if TASKS[model.task].windowed else _each_alone
    one = likely(reading, resolved_target.places, model)
    all_ = np.logaddexp(one, likely(reading, resolved_target.foil, model)) if resolved_target.foil else 0.0
    return TargetScore(resolved_target.score(reading.logits), float(np.exp(one - all_)) if one > -np.inf else 0.0)


def _each_alone(reading: Reading, places: Places, model: Model) -> float:
    """The logarithm of the probability that all of these places hold, which know nothing of each other."""
    from scipy.special import log_softmax

    logs = log_softmax(reading.logits.astype(np.float64), axis=-1)
    return float(sum(logs[place] for place in places))


def _among_stretches(reading: Reading, places: Places, model: Model) -> float:
    """The logarithm of the share of stretches with this start, this end, or both; or of no answer."""
    from scipy.special import logsumexp

    words, scores = candidate_spans((reading,))  # [stretch, 2], [stretch]
    null = null_score(reading)
    asked = np.ones(len(scores), dtype=bool)
    for side, token in places:
        asked &= words[:, side] == reading.tokens.word_ids[token]
    no_answer = all(token == 0 for _, token in places)  # both at [CLS]
    every = [*scores, null] if no_answer or model.checkpoint.unanswerable else scores
    return float((null if no_answer else logsumexp(scores, b=asked)) - logsumexp(every))
