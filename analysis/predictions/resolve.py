"""From an answer to what both models are asked about, and from there to one model's logits.

    target = default_target(predict(teacher, example))  # or one of candidate_targets(…), or contrast(one, other)
    resolve(target, student, tokens).score(logits)

Labels, word pieces and words are looked up in each model, on its own tokens. What holds for one kind of head is in its
row of `HEADS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.errors import AnalysisError
from analysis.inputs.edits import Edited
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens
from analysis.predictions.heads import head_of, head_of_model, head_that_gave
from analysis.predictions.targets import LogitIndices, ResolvedTarget, Target, Term, with_distinct_names
from analysis.predictions.values import Prediction


def default_target(prediction: Prediction) -> Target:
    """What a prediction says."""
    return head_that_gave(prediction).default_target(prediction)


def candidate_targets(prediction: Prediction) -> tuple[Target, ...]:
    """All that a prediction suggests to ask about."""
    return head_that_gave(prediction).candidate_targets(prediction)


def candidates_of_both(predictions: Sides[Prediction]) -> tuple[Target, ...]:
    """What both models' answers suggest to ask about, the teacher's own answer first and the student's last."""
    teacher, student = predictions
    return with_distinct_names((default_target(teacher), *candidate_targets(teacher), *candidate_targets(student)))


def own_targets(predictions: Sides[Prediction]) -> Sides[Target]:
    """What each model answers where the two differ, under two names; one target twice where they answer the same."""
    teacher, student = predictions
    own = head_that_gave(teacher).own_targets if type(teacher) is type(student) else None
    named = with_distinct_names(own(predictions) if own else predictions.map(default_target))
    return Sides(named[0], named[-1])


def foils(target: Target, candidates: Sequence[Target], prediction: Prediction) -> tuple[Target, ...]:
    """What a target can be contrasted with: other labels, pieces for a mask, types of the same words, answers."""
    return head_that_gave(prediction).foils(target, candidates, prediction)


def resolve(target: Target, model: Model, tokens: Tokens) -> ResolvedTarget:
    """Where `model` with these tokens answers a target. Raises `AnalysisError` if it lacks a label, piece or word."""
    head = head_of_model(model)

    def indices(terms: tuple[Term, ...]) -> LogitIndices:
        return tuple(head.resolve(term, model, tokens) for term in head.readable_terms(terms, model, tokens))

    return ResolvedTarget(indices(target.terms), target.name, indices(target.foil))


def resolve_prediction(prediction: Prediction, model: Model, tokens: Tokens) -> ResolvedTarget:
    """What a prediction says, as indices into the logits that `model` gives for `tokens`.

    The prediction may be another model's on the same example, so that both are asked about the same. Raises
    `AnalysisError` where this model does not know that label, piece or word.
    """
    return resolve(default_target(prediction), model, tokens)


def output_positions(target: ResolvedTarget, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """The tokens of the last layer that a target is read from, in their order; [CLS] for what is about all of them."""
    head = head_of_model(model)
    if head.token_axis is None:
        return (0,)
    return head.output_positions(model, tokens, _on_axis(target, head.token_axis))


def at_output_positions(target: ResolvedTarget, model: Model) -> ResolvedTarget:
    """The target in the logits of those tokens alone that it is read from."""
    axis = head_of_model(model).token_axis
    if axis is None:
        return target
    kept = _on_axis(target, axis)

    def moved(indices: LogitIndices) -> LogitIndices:
        return tuple((*index[:axis], kept.index(index[axis]), *index[axis + 1 :]) for index in indices)

    return replace(target, logit_indices=moved(target.logit_indices), foil=moved(target.foil))


def _on_axis(target: ResolvedTarget, axis: int) -> tuple[int, ...]:
    """What the indices of a target name on this axis, in order."""
    return tuple(sorted({index[axis] for index in target.logit_indices + target.foil}))


@dataclass(frozen=True, slots=True)
class AnswerPositions:
    """The tokens of the last layer that an answer is read from, `places` [token]; `name` is for the reader."""

    places: tuple[int, ...]
    name: str


def answer_positions(prediction: Prediction, tokens: Tokens) -> AnswerPositions:
    """Where a model with these tokens reads what a prediction says, which may be another model's.

    [CLS] for a label, no entity and no answer; the first mask; the tokens of the first entity or of the best answer.
    Raises `AnalysisError` if the tokens lack that part of the text.
    """
    place = head_that_gave(prediction).pointed_at(prediction)
    if place is None:
        return AnswerPositions((0,), tokens.pieces[0])
    field, start, end = place
    begins, ends = tokens.offsets.T
    inside = (tokens.fields == field) & (begins < end) & (ends > start)
    wording = tokens.texts[field][start:end]
    if not inside.any():
        raise AnalysisError(f"The model does not read “{wording}”: change it.")
    return AnswerPositions(tuple(np.flatnonzero(inside).tolist()), wording)


def carry_over(target: Target, edited: Edited) -> Target:
    """The same target in the edited text: each term goes to what stands in its word's place.

    Raises `AnalysisError` if an edit takes away what the target is about.
    """
    head = head_of(edited.before.task)

    def carried(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        each = [head.carry_over(term, edited.place(term.word)) if term.word else (term,) for term in terms]
        if None in each or (terms and not any(each)):
            raise AnalysisError(f"An edit takes away what “{target.name}” is about: undo it, or choose another target.")
        return tuple(term for some in each for term in some or ())

    return Target(carried(target.terms), target.name, carried(target.foil))
