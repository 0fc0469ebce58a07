"""One row for each kind of task head, and one model's answer to one example, whatever its head.

    >>> predict(model, Example("sentiment", "A quiet triumph.")).summary
    'positive (97%)'

A new kind of head is a file like `classification.py` and a row of `HEADS`, named as the transformers class; where a
checkpoint of this class can be trained otherwise, the row for that has its `problem_type` behind a stroke.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.inputs.words import Word
from analysis.models.forward import Reading, read
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens, check_readable
from analysis.predictions import classification, entities, fill_mask, label_sets, question_answering, regression
from analysis.predictions.targets import LogitIndices, Target, Term
from analysis.predictions.values import Prediction

Terms = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What holds for one kind of task head.

    `prediction`: the type of its answers. `decode(model, readings)` makes one of the logits of all windows.
    `default_target(prediction)`, `candidate_targets(prediction)` and `foils(target, candidates, prediction)`: what is
    asked about first, what is offered, and what it can be contrasted with. `own_targets(predictions)`: what each of two
    models says where they differ; None where that is the default target of each. `resolve(term, model, tokens)`: the
    index of a term in the logits. `is_correct(prediction, expected)`: whether it is the expected answer.
    `log_probability(reading, indices, model)`: of all these outcomes together; None where outcomes have none. `gives`:
    what a model does, in words. `difference(predictions)`: of two answers that are numbers, so neither same nor not.

    If outcomes are of tokens: `token_axis` is the axis of an index that says which token, or which of those that
    `output_positions(model, tokens, numbers)` finds; `readable_terms(terms, model, tokens)` says them as this model
    does, without what these tokens cannot say; `carry_over(term, words)` says the same of the words that an edit put in
    its word's place, or is None if the term is lost; `pointed_at(prediction)` is the field, start and end of what it
    points at in the text.

    `outcome_keys(prediction)`: what its outcomes are compared by with those of another model; `outcome_axis`: along
    which axis of its `distributions` they lie; `are_comparable(predictions)`: whether two answers can be held against
    each other, whatever their labels are called. `differing(predictions)`: what is said after “They disagree” where
    both answers are too long for a sentence; else "".

    `rests_on(prediction)`: field, start and end of the part of a long text that an answer rests on; None of a text that
    is read at once. `in_windows(prediction)`: what is answered to each of its windows, where that is pooled.

    `name_by_label(target)`: a target's name as links have it, where readers see another.

    `knows(prediction, expected)`: whether the model can give the expected answer at all, as far as its labels say.

    `is_correct_sample`: as `is_correct`, for the labels of any checkpoint.
    """

    prediction: type[Any]
    decode: Callable[[Model, tuple[Reading, ...]], Prediction]
    default_target: Callable[[Any], Target]
    candidate_targets: Callable[[Any], tuple[Target, ...]]
    foils: Callable[[Target, Sequence[Target], Any], tuple[Target, ...]]
    resolve: Callable[[Term, Model, Tokens], tuple[int, ...]]
    is_correct: Callable[[Any, Any], bool]
    log_probability: Callable[[Reading, LogitIndices, Model], float] | None = classification.log_probability
    gives: str = "answers"
    difference: Callable[[Sides[Any]], float] | None = None
    own_targets: Callable[[Sides[Any]], Sides[Target]] | None = None
    token_axis: int | None = None
    output_positions: Callable[[Model, Tokens, Sequence[int]], tuple[int, ...]] = lambda model, tokens, at: (*at,)
    readable_terms: Callable[[Terms, Model, Tokens], Terms] = lambda terms, model, tokens: terms
    carry_over: Callable[[Term, tuple[Word, ...]], Terms | None] = lambda term, words: None
    pointed_at: Callable[[Any], tuple[int, int, int] | None] = lambda prediction: None
    is_correct_sample: Callable[[Any, Any], bool] | None = None
    outcome_keys: Callable[[Any], tuple[Hashable, ...]] = lambda prediction: prediction.outcomes
    outcome_axis: int = 1
    are_comparable: Callable[[Sides[Any]], bool] = lambda predictions: True
    differing: Callable[[Sides[Any]], str] = lambda predictions: ""
    rests_on: Callable[[Any], tuple[int, int, int] | None] = lambda prediction: None
    in_windows: Callable[[Any], tuple[Any, ...]] = lambda prediction: ()
    name_by_label: Callable[[Target], str] = lambda target: target.name
    knows: Callable[[Any, Any], bool] = lambda prediction, expected: True


HEADS: dict[str, Head] = {
    "AutoModelForSequenceClassification": Head(
        prediction=classification.Classification,
        decode=classification.decode,
        default_target=classification.default_target,
        candidate_targets=classification.candidate_targets,
        foils=classification.foils,
        own_targets=classification.own_targets,
        resolve=classification.resolve,
        is_correct=classification.is_correct,
        outcome_keys=classification.outcome_keys,
        are_comparable=classification.are_comparable,
        knows=classification.knows,
        gives="chooses a label",
        rests_on=classification.rests_on,
        in_windows=classification.in_windows,
    ),
    "AutoModelForSequenceClassification/regression": Head(
        prediction=regression.Number,
        decode=regression.decode,
        default_target=regression.default_target,
        candidate_targets=regression.candidate_targets,
        foils=regression.foils,
        resolve=regression.resolve,
        is_correct=regression.is_correct,
        log_probability=None,
        gives="gives a number",
        rests_on=regression.rests_on,
        in_windows=regression.in_windows,
        difference=regression.difference,
        knows=regression.knows,
    ),
    "AutoModelForSequenceClassification/multi_label_classification": Head(
        prediction=label_sets.LabelSet,
        decode=label_sets.decode,
        default_target=label_sets.default_target,
        candidate_targets=label_sets.candidate_targets,
        foils=label_sets.foils,
        own_targets=label_sets.own_targets,
        resolve=classification.resolve,
        is_correct=label_sets.is_correct,
        log_probability=label_sets.log_probability,
        outcome_keys=classification.outcome_keys,
        outcome_axis=0,
        are_comparable=label_sets.are_comparable,
        knows=classification.knows,
        gives="says yes or no to each",
        rests_on=label_sets.rests_on,
        in_windows=label_sets.in_windows,
    ),
    "AutoModelForMaskedLM": Head(
        prediction=fill_mask.MaskPredictions,
        decode=fill_mask.decode,
        default_target=fill_mask.default_target,
        candidate_targets=fill_mask.candidate_targets,
        foils=fill_mask.foils,
        resolve=fill_mask.resolve,
        is_correct=fill_mask.is_correct,
        token_axis=0,
        output_positions=fill_mask.output_positions,
        own_targets=fill_mask.own_targets,
        carry_over=fill_mask.carry_over,
        pointed_at=fill_mask.pointed_at,
    ),
    "AutoModelForTokenClassification": Head(
        prediction=entities.Entities,
        decode=entities.decode,
        default_target=entities.default_target,
        candidate_targets=entities.candidate_targets,
        foils=entities.foils,
        resolve=entities.resolve,
        is_correct=entities.is_correct,
        token_axis=0,
        readable_terms=entities.readable_terms,
        own_targets=entities.own_targets,
        carry_over=entities.carry_over,
        pointed_at=entities.pointed_at,
        rests_on=entities.rests_on,
        name_by_label=entities.name_by_label,
        is_correct_sample=entities.is_correct_in_common_types,
        outcome_keys=entities.outcome_keys,
        are_comparable=entities.are_comparable,
        differing=entities.differing,
    ),
    "AutoModelForQuestionAnswering": Head(
        prediction=question_answering.SpanPredictions,
        decode=question_answering.decode,
        default_target=question_answering.default_target,
        candidate_targets=question_answering.candidate_targets,
        foils=question_answering.foils,
        resolve=question_answering.resolve,
        is_correct=question_answering.is_correct,
        log_probability=question_answering.log_probability,
        token_axis=1,
        carry_over=question_answering.carry_over,
        pointed_at=question_answering.pointed_at,
        rests_on=question_answering.rests_on,
    ),
}


def head_of(task: str) -> Head:
    """The row of a task's head, as most checkpoints have it."""
    return HEADS[TASKS[task].head]


def head_of_model(model: Model) -> Head:
    """The row of a model's head: that of its task, or of what else its configuration says it was trained to."""
    return HEADS.get(f"{TASKS[model.task].head}/{model.problem}", head_of(model.task))


def answer_type(task: str) -> Any:
    """The type of the answers to a task, or the union of those that its checkpoints may give."""
    return reduce(operator.or_, (row.prediction for name, row in HEADS.items() if _class_of(name) == TASKS[task].head))


def _class_of(name: str) -> str:
    return name.partition("/")[0]


def head_that_gave(prediction: Prediction) -> Head:
    """The row whose answers are of this type."""
    return next(head for head in HEADS.values() if isinstance(prediction, head.prediction))


def predict(model: Model, example: Example) -> Prediction:
    """What `model` answers to a checked example.

    Raises `AnalysisError` where a text is too long for it, or none of its words is known to it.
    """
    return decode(model, read(model, example))


def decode(model: Model, readings: tuple[Reading, ...]) -> Prediction:
    """What these logits of `model` answer. Raises `AnalysisError` where it knows none of the words."""
    check_readable(model, tuple(reading.tokens for reading in readings))
    return head_of_model(model).decode(model, readings)
