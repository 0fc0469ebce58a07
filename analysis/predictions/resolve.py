"""Where one model answers what both are asked: an aim's places in its logits, and the tokens it is read from.

    target = resolved(aim_of(predict(teacher, example)), student, tokens)
    target.score(logits)

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
from analysis.predictions.targets import Aim, Claim, aim_of
from analysis.predictions.values import Answers, Entities, Fills, Prediction

# Which part of a place names a token, or a mask, by the class of the task head; labels are read from [CLS].
TOKEN_AXIS = {"AutoModelForMaskedLM": 0, "AutoModelForTokenClassification": 0, "AutoModelForQuestionAnswering": 1}


@dataclass(frozen=True, slots=True)
class Target:
    """An aim in one model's logits: the sum of those at `places`, less those at `against`.

    A place is an index into logits as `Reading` has them: (label,), (mask, piece), (token, label), or (0, token) for a
    start and (1, token) for an end. `name` is for the reader.
    """

    places: tuple[tuple[int, ...], ...]
    name: str
    against: tuple[tuple[int, ...], ...] = ()

    def score(self, logits: Array) -> float:
        """In logits, from one example's."""
        return sum(float(logits[place]) for place in self.places) - sum(float(logits[place]) for place in self.against)

    def scores(self, logits: Any) -> Any:
        """In logits, from those of several rows [row, …], an array or a tensor: [row]."""
        supporting = sum(logits[:, *place] for place in self.places)
        return supporting - sum(logits[:, *place] for place in self.against)


def resolved(aim: Aim, model: Model, tokens: Tokens) -> Target:
    """Where `model` with these tokens answers an aim. Raises `AnalysisError` where it lacks a label, piece or word."""
    place = PLACES[TASKS[model.task].head]
    places, against = (
        tuple(place(claim, model, tokens) for claim in _read(claims, model, tokens))
        for claims in (aim.claims, aim.against)
    )
    return Target(places, aim.name, against)


def target_of(prediction: Prediction, model: Model, tokens: Tokens) -> Target:
    """What a prediction says, as a place in the logits that `model` gives for `tokens`.

    The prediction may be another model's on the same example, so that both are asked about the same. Raises
    `AnalysisError` where this model does not know that label, piece or word.
    """
    return resolved(aim_of(prediction), model, tokens)


def read_from(target: Target, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """The tokens of the last layer that a target is read from, in their order."""
    axis = TOKEN_AXIS.get(TASKS[model.task].head)
    if axis is None:
        return (0,)
    named = _named(target, axis)
    return tuple(masks_of(model, tokens)[number] for number in named) if TASKS[model.task].needs_mask else named


def narrowed(target: Target, model: Model) -> Target:
    """The target in the logits of those tokens alone that it is read from."""
    axis = TOKEN_AXIS.get(TASKS[model.task].head)
    if axis is None:
        return target
    kept = _named(target, axis)

    def moved(places: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        return tuple((*place[:axis], kept.index(place[axis]), *place[axis + 1 :]) for place in places)

    return replace(target, places=moved(target.places), against=moved(target.against))


def _named(target: Target, axis: int) -> tuple[int, ...]:
    """What the places of a target name on this axis, in order."""
    return tuple(sorted({place[axis] for place in target.places + target.against}))


@dataclass(frozen=True, slots=True)
class Readers:
    """The tokens of the last layer that an answer is read from, `places` [token]; `name` is for the reader."""

    places: tuple[int, ...]
    name: str


def readers_of(prediction: Prediction, tokens: Tokens) -> Readers:
    """Where a model with these tokens reads what a prediction says, which may be another model's.

    [CLS] for a label, no entity and no answer; the first mask; the tokens of the first entity or of the best answer.
    Raises `AnalysisError` where the tokens lack that stretch of the text.
    """
    stretch = _stretch(prediction)
    if stretch is None:
        return Readers((0,), tokens.pieces[0])
    field, start, end = stretch
    begins, ends = tokens.offsets.T
    inside = (tokens.fields == field) & (begins < end) & (ends > start)
    wording = tokens.texts[field][start:end]
    if not inside.any():
        raise AnalysisError(f"The model does not read “{wording}”: change it.")
    return Readers(tuple(np.flatnonzero(inside).tolist()), wording)


def _stretch(prediction: Prediction) -> tuple[int, int, int] | None:
    """Field, first and last character + 1 of what the prediction points at in the text, if it points at something."""
    match prediction:
        case Fills(masks=(first, *_)):
            return first.field, first.start, first.end
        case Entities(entities=(first, *_)):
            return 0, first.start, first.end
        case Answers() if prediction.verdict != "no answer":
            return 1, prediction.answers[0].start, prediction.answers[0].end
    return None


def _read(claims: tuple[Claim, ...], model: Model, tokens: Tokens) -> tuple[Claim, ...]:
    """Without the tags of words that these tokens leave out (some tokenizers delete a lone accent), if any is left."""
    if TASKS[model.task].head != "AutoModelForTokenClassification":
        return claims
    return tuple(claim for claim in claims if _word(claim, tokens) in tokens.word_ids) or claims


def _label(claim: Claim, model: Model, tokens: Tokens) -> tuple[int, ...]:
    return (_index(model, model.labels, claim.outcome, "label"),)


def _candidate(claim: Claim, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(mask, piece). A word that the model has only in another spelling (in lower case) is taken in that."""
    pieces = vocabulary(model)
    masks = [tokens.word_ids[mask] for mask in masks_of(model, tokens)]
    mask = masks.index(_word(claim, tokens))
    if claim.outcome in pieces:
        return mask, pieces.index(claim.outcome)
    with model.lock:  # the tokenizer is shared, and its settings are
        spelt = model.tokenizer.tokenize(claim.outcome)
    known = len(spelt) == 1 and spelt[0] != model.tokenizer.unk_token
    return mask, _index(model, pieces, spelt[0] if known else claim.outcome, "word piece")


def _tag(claim: Claim, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(first piece of the word, tag). A model without that B- tag has the type's I- tag, or the bare type."""
    kind = claim.outcome.removeprefix("B-").removeprefix("I-")
    spellings = (claim.outcome, f"I-{kind}", kind)
    name = next((spelling for spelling in spellings if spelling in model.labels), claim.outcome)
    return _pieces(model, tokens, _word(claim, tokens))[0], _index(model, model.labels, name, "label")


def _end(claim: Claim, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(0, first piece) for a start, (1, last piece) for an end; both at [CLS] for no answer."""
    side = ("start", "end").index(claim.outcome)
    return side, 0 if claim.word is None else _pieces(model, tokens, _word(claim, tokens))[-side]


# Where each kind of head answers a claim.
PLACES: dict[str, Callable[[Claim, Model, Tokens], tuple[int, ...]]] = {
    "AutoModelForSequenceClassification": _label,
    "AutoModelForMaskedLM": _candidate,
    "AutoModelForTokenClassification": _tag,
    "AutoModelForQuestionAnswering": _end,
}


def masks_of(model: Model, tokens: Tokens) -> list[int]:
    return np.flatnonzero(tokens.ids == model.tokenizer.mask_token_id).tolist()


def _word(claim: Claim, tokens: Tokens) -> int:
    if claim.word not in tokens.words:
        raise ValueError(f"{claim} is about a word of another text than {tokens.texts}")
    return tokens.words.index(claim.word)


def _pieces(model: Model, tokens: Tokens, word: int) -> list[int]:
    pieces = np.flatnonzero(tokens.word_ids == word).tolist()
    if not pieces:
        raise AnalysisError(f"{model.checkpoint.name} does not read the word “{tokens.words[word].text}”: change it.")
    return pieces


def _index(model: Model, known: tuple[str, ...], name: str, kind: str) -> int:
    if name not in known:
        raise AnalysisError(f"{model.checkpoint.name} has no {kind} “{name}”: choose another target.")
    return known.index(name)
