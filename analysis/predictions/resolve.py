"""Where one model answers what both are asked: a target's places in its logits, and the tokens it is read from.

    resolved_target = resolve(default_target(predict(teacher, example)), student, tokens)
    resolved_target.score(logits)

Labels, word pieces and words are looked up in each model, on its own tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.inputs.tasks import TASKS
from analysis.models.model import Model
from analysis.models.tokens import Tokens
from analysis.predictions.entities import vocabulary
from analysis.predictions.targets import Target, Term, default_target
from analysis.predictions.values import Entities, MaskPredictions, Prediction, SpanPredictions

# Which part of a place names a token, or a mask, by the class of the task head; labels are read from [CLS].
TOKEN_AXIS = {"AutoModelForMaskedLM": 0, "AutoModelForTokenClassification": 0, "AutoModelForQuestionAnswering": 1}


@dataclass(frozen=True, slots=True)
class ResolvedTarget:
    """A target in one model's logits: the sum of those at `places`, less those at `foil`.

    A place is an index into logits as `Reading` has them: (label,), (mask, piece), (token, label), or (0, token) for a
    start and (1, token) for an end. `name` is for the reader.
    """

    places: tuple[tuple[int, ...], ...]
    name: str
    foil: tuple[tuple[int, ...], ...] = ()

    def score(self, logits: Array) -> float:
        """In logits, from one example's."""
        return sum(float(logits[place]) for place in self.places) - sum(float(logits[place]) for place in self.foil)

    def scores(self, logits: Any) -> Any:
        """In logits, from those of several rows [row, …], an array or a tensor: [row]."""
        supporting = sum(logits[:, *place] for place in self.places)
        return supporting - sum(logits[:, *place] for place in self.foil)


def resolve(target: Target, model: Model, tokens: Tokens) -> ResolvedTarget:
    """Where `model` with these tokens answers a target. Raises `AnalysisError` if it lacks a label, piece or word."""
    place = PLACES[TASKS[model.task].head]
    places, foil = (
        tuple(place(term, model, tokens) for term in _read(terms, model, tokens))
        for terms in (target.terms, target.foil)
    )
    return ResolvedTarget(places, target.name, foil)


def resolve_prediction(prediction: Prediction, model: Model, tokens: Tokens) -> ResolvedTarget:
    """What a prediction says, as a place in the logits that `model` gives for `tokens`.

    The prediction may be another model's on the same example, so that both are asked about the same. Raises
    `AnalysisError` where this model does not know that label, piece or word.
    """
    return resolve(default_target(prediction), model, tokens)


def output_positions(resolved_target: ResolvedTarget, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """The tokens of the last layer that a target is read from, in their order."""
    axis = TOKEN_AXIS.get(TASKS[model.task].head)
    if axis is None:
        return (0,)
    named = _named(resolved_target, axis)
    return tuple(masks_of(model, tokens)[number] for number in named) if TASKS[model.task].needs_mask else named


def at_output_positions(resolved_target: ResolvedTarget, model: Model) -> ResolvedTarget:
    """The target in the logits of those tokens alone that it is read from."""
    axis = TOKEN_AXIS.get(TASKS[model.task].head)
    if axis is None:
        return resolved_target
    kept = _named(resolved_target, axis)

    def moved(places: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        return tuple((*place[:axis], kept.index(place[axis]), *place[axis + 1 :]) for place in places)

    return replace(resolved_target, places=moved(resolved_target.places), foil=moved(resolved_target.foil))


def _named(resolved_target: ResolvedTarget, axis: int) -> tuple[int, ...]:
    """What the places of a target name on this axis, in order."""
    return tuple(sorted({place[axis] for place in resolved_target.places + resolved_target.foil}))


@dataclass(frozen=True, slots=True)
class AnswerPositions:
    """The tokens of the last layer that an answer is read from, `places` [token]; `name` is for the reader."""

    places: tuple[int, ...]
    name: str


def answer_positions(prediction: Prediction, tokens: Tokens) -> AnswerPositions:
    """Where a model with these tokens reads what a prediction says, which may be another model's.

    [CLS] for a label, no entity and no answer; the first mask; the tokens of the first entity or of the best answer.
    Raises `AnalysisError` where the tokens lack that stretch of the text.
    """
    stretch = _stretch(prediction)
    if stretch is None:
        return AnswerPositions((0,), tokens.pieces[0])
    field, start, end = stretch
    begins, ends = tokens.offsets.T
    inside = (tokens.fields == field) & (begins < end) & (ends > start)
    wording = tokens.texts[field][start:end]
    if not inside.any():
        raise AnalysisError(f"The model does not read “{wording}”: change it.")
    return AnswerPositions(tuple(np.flatnonzero(inside).tolist()), wording)


def _stretch(prediction: Prediction) -> tuple[int, int, int] | None:
    """Field, first and last character + 1 of what the prediction points at in the text, if it points at something."""
    match prediction:
        case MaskPredictions(masks=(first, *_)):
            return first.field, first.start, first.end
        case Entities(entities=(first, *_)):
            return 0, first.start, first.end
        case SpanPredictions() if prediction.answer_key != "no answer":
            return 1, prediction.answers[0].start, prediction.answers[0].end
    return None


def _read(terms: tuple[Term, ...], model: Model, tokens: Tokens) -> tuple[Term, ...]:
    """Without the tags of words that these tokens leave out (some tokenizers delete a lone accent), if any is left."""
    if TASKS[model.task].head != "AutoModelForTokenClassification":
        return terms
    return tuple(term for term in terms if _word(term, tokens) in tokens.word_ids) or terms


def _label(term: Term, model: Model, tokens: Tokens) -> tuple[int, ...]:
    return (_index(model, model.labels, term.outcome, "label"),)


def _candidate(term: Term, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(mask, piece). A word that the model has only in another spelling (in lower case) is taken in that."""
    pieces = vocabulary(model)
    masks = [tokens.word_ids[mask] for mask in masks_of(model, tokens)]
    mask = masks.index(_word(term, tokens))
    if term.outcome in pieces:
        return mask, pieces.index(term.outcome)
    with model.lock:  # the tokenizer is shared, and its settings are
        spelt = model.tokenizer.tokenize(term.outcome)
    known = len(spelt) == 1 and spelt[0] != model.tokenizer.unk_token
    return mask, _index(model, pieces, spelt[0] if known else term.outcome, "word piece")


def _tag(term: Term, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(first piece of the word, tag). A model without that B- tag has the type's I- tag, or the bare type."""
    kind = term.outcome.removeprefix("B-").removeprefix("I-")
    spellings = (term.outcome, f"I-{kind}", kind)
    name = next((spelling for spelling in spellings if spelling in model.labels), term.outcome)
    return _pieces(model, tokens, _word(term, tokens))[0], _index(model, model.labels, name, "label")


def _end(term: Term, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(0, first piece) for a start, (1, last piece) for an end; both at [CLS] for no answer."""
    side = ("start", "end").index(term.outcome)
    return side, 0 if term.word is None else _pieces(model, tokens, _word(term, tokens))[-side]


# Where each kind of head answers a claim.
PLACES: dict[str, Callable[[Term, Model, Tokens], tuple[int, ...]]] = {
    "AutoModelForSequenceClassification": _label,
    "AutoModelForMaskedLM": _candidate,
    "AutoModelForTokenClassification": _tag,
    "AutoModelForQuestionAnswering": _end,
}


def masks_of(model: Model, tokens: Tokens) -> list[int]:
    return np.flatnonzero(tokens.ids == model.tokenizer.mask_token_id).tolist()


def _word(term: Term, tokens: Tokens) -> int:
    if term.word not in tokens.words:
        raise ValueError(f"{term} is about a word of another text than {tokens.texts}")
    return tokens.words.index(term.word)


def _pieces(model: Model, tokens: Tokens, word: int) -> list[int]:
    pieces = np.flatnonzero(tokens.word_ids == word).tolist()
    if not pieces:
        raise AnalysisError(f"{model.checkpoint.name} does not read the word “{tokens.words[word].text}”: change it.")
    return pieces


def _index(model: Model, known: tuple[str, ...], name: str, kind: str) -> int:
    if name not in known:
        raise AnalysisError(f"{model.checkpoint.name} has no {kind} “{name}”: choose another target.")
    return known.index(name)
