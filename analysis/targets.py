"""What is asked about an answer: a place in the logits, and the tokens of the last layer that it is read from.

    target = target_of(predict(teacher, example), student, tokens)
    target.score(logits)

The prediction may be another model's on the same example, so that both models are asked about the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array
from analysis.decoding import vocabulary
from analysis.errors import AnalysisError
from analysis.models import Model
from analysis.predictions import Answers, Classification, Entities, Fills, Prediction
from analysis.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked about: the sum of the logits at `places`, less those at `against` (for one label over another).

    A place is an index into logits as `Reading` has them: (label,), (mask, piece), (token, label), or (0, token) for a
    start and (1, token) for an end. `name` is for the reader.
    """

    places: tuple[tuple[int, ...], ...]
    name: str
    against: tuple[tuple[int, ...], ...] = ()

    def score(self, logits: Array) -> float:
        """In logits, from one example's."""
        return sum(float(logits[place]) for place in self.places) - sum(float(logits[place]) for place in self.against)


def target_of(prediction: Prediction, model: Model, tokens: Tokens) -> Target:
    """What a prediction says, as a place in the logits that `model` gives for `tokens`.

    The prediction may be another model's on the same example, so that both are asked about the same: labels, word
    pieces and words are looked up in this one. The likeliest label; the best piece for the first mask; the tags of the
    first entity, or without one that of every word ("O"); start and end of the best answer, or no answer. Raises
    `AnalysisError` where this model does not know that label, piece or word.
    """
    match prediction:
        case Classification():
            return Target(((_index(model, model.labels, prediction.wording, "label"),),), prediction.wording)
        case Fills():
            [(piece, _)] = prediction.best(0, 1)
            return Target(((0, _index(model, vocabulary(model), piece, "word piece")),), piece)
        case Entities():
            return _tags(prediction, model, tokens)
        case Answers():
            return _span(prediction, model, tokens)


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


def _tags(prediction: Entities, model: Model, tokens: Tokens) -> Target:
    named = prediction.entities[:1]
    start, end = (named[0].start, named[0].end) if named else (0, len(tokens.texts[0]))
    words = [i for i, word in enumerate(tokens.words) if start <= word.start < end and i in tokens.word_ids]
    tags = prediction.probabilities.argmax(axis=1)
    places = tuple(
        (_pieces(model, tokens, word)[0], _index(model, model.labels, prediction.labels[tags[word]], "label"))
        for word in words
    )
    return Target(places, prediction.targets[0] if named else prediction.wording)


def _span(prediction: Answers, model: Model, tokens: Tokens) -> Target:
    if prediction.verdict == "no answer":
        return Target(((0, 0), (1, 0)), prediction.wording)  # both at [CLS]
    best = prediction.answers[0]
    context = [(index, word) for index, word in enumerate(tokens.words) if word.field == 1]
    (first,) = (index for index, word in context if word.start == best.start)
    (last,) = (index for index, word in context if word.end == best.end)
    return Target(((0, _pieces(model, tokens, first)[0]), (1, _pieces(model, tokens, last)[-1])), best.text)


def _pieces(model: Model, tokens: Tokens, word: int) -> list[int]:
    pieces = np.flatnonzero(tokens.word_ids == word).tolist()
    if not pieces:
        raise AnalysisError(f"{model.checkpoint.name} does not read the word “{tokens.words[word].text}”: change it.")
    return pieces


def _index(model: Model, known: tuple[str, ...], name: str, kind: str) -> int:
    if name not in known:
        raise AnalysisError(f"{model.checkpoint.name} has no {kind} “{name}”: choose another target.")
    return known.index(name)
