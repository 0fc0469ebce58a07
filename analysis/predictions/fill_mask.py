"""A word piece for each [MASK]: what is answered, what can be asked of it, and where the logits say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array, frozen, softmax
from analysis.inputs.tasks import MASK
from analysis.inputs.words import Word
from analysis.models.forward import Reading
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens, mask_positions, once_a_tokenizer, pieces_of
from analysis.predictions.targets import Target, Term, label_index, word_index
from analysis.wording import per_cent

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

CANDIDATES = 5  # word pieces for a mask that are offered as targets


@dataclass(frozen=True, slots=True)
class MaskPredictions:
    """A distribution over the vocabulary for each [MASK]. `masks` in reading order; `probabilities` [mask, piece]."""

    masks: tuple[Word, ...]
    vocabulary: tuple[str, ...]
    probabilities: Array

    def best(self, mask: int, count: int) -> list[tuple[str, float]]:
        """The `count` likeliest pieces for a mask, with their probabilities, likeliest first."""
        row = self.probabilities[mask]
        order = np.argsort(-row, kind="stable")[:count]
        return [(self.vocabulary[index], float(row[index])) for index in order]

    def ranks(self, mask: int) -> dict[str, int]:
        """For every piece its rank at a mask, 1 the likeliest."""
        order = np.argsort(-self.probabilities[mask], kind="stable")
        return {self.vocabulary[index]: rank for rank, index in enumerate(order, start=1)}

    @property
    def answer_key(self) -> tuple[str, ...]:
        return tuple(self.vocabulary[index] for index in self.probabilities.argmax(axis=1))

    @property
    def wording(self) -> str:
        return ", ".join(self.best(mask, 1)[0][0] for mask in range(len(self.masks)))

    @property
    def summary(self) -> str:
        best = [self.best(mask, 1)[0] for mask in range(len(self.masks))]
        return ", ".join(f"{piece} ({per_cent(probability)})" for piece, probability in best)

    @property
    def outcomes(self) -> tuple[str, ...]:
        return self.vocabulary

    @property
    def distributions(self) -> Array:
        return self.probabilities

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(piece for mask in range(len(self.masks)) for piece, _ in self.best(mask, 5)))


def decode(model: Model, readings: tuple[Reading, ...]) -> MaskPredictions:
    """Softmax over the whole vocabulary at each mask, as in `pipeline("fill-mask")`."""
    tokens, logits = readings[0].tokens, readings[0].logits
    masks = tuple(tokens.words[word] for word in tokens.word_ids[mask_positions(model, tokens)])
    return MaskPredictions(masks, vocabulary(model), frozen(softmax(logits)))


def vocabulary(model: Model) -> tuple[str, ...]:
    """The piece of every id that the model can answer with."""
    return _pieces(model.tokenizer, model.network.config.vocab_size)


@once_a_tokenizer
def _pieces(tokenizer: PreTrainedTokenizerBase, count: int) -> tuple[str, ...]:
    pieces = tokenizer.convert_ids_to_tokens(list(range(count)))
    return tuple(f"[id {index}]" if piece is None else piece for index, piece in enumerate(pieces))


def default_target(prediction: MaskPredictions) -> Target:
    """The likeliest piece for the first mask."""
    return candidate_targets(prediction)[0]


def candidate_targets(prediction: MaskPredictions) -> tuple[Target, ...]:
    """The likeliest pieces for each mask."""
    best = [(mask, prediction.best(mask, CANDIDATES)) for mask in range(len(prediction.masks))]
    return tuple(piece_at_mask(prediction, mask, piece) for mask, pieces in best for piece, _ in pieces)


def own_targets(predictions: Sides[MaskPredictions]) -> Sides[Target]:
    """The likeliest piece of each model for the first mask that they fill differently; else for the first mask."""
    teacher, student = predictions.map(lambda prediction: prediction.answer_key)
    differing = (mask for mask, (one, other) in enumerate(zip(teacher, student, strict=True)) if one != other)
    mask = next(differing, 0)
    return predictions.map(lambda prediction: piece_at_mask(prediction, mask, prediction.best(mask, 1)[0][0]))


def foils(target: Target, candidates: Sequence[Target], prediction: MaskPredictions) -> tuple[Target, ...]:
    """The other pieces for the same mask."""
    masks = [term.word for term in target.terms]
    return tuple(
        other for other in candidates if [term.word for term in other.terms] == masks and other.terms != target.terms
    )


def piece_target(piece: str, mask: Word, name: str = "") -> Target:
    """A word piece in the place of a mask."""
    return Target((Term(piece, mask),), name or piece)


def piece_at_mask(prediction: MaskPredictions, mask: int, piece: str) -> Target:
    """A word piece in a mask of a prediction, by its number from 0; which one stands in the name after the first."""
    return piece_target(piece, prediction.masks[mask], f"{piece} in mask {mask + 1}" if mask else piece)


def resolve(term: Term, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(mask, piece). A word that the model has only in another spelling (in lower case) is taken in that."""
    pieces = vocabulary(model)
    masks = [tokens.word_ids[mask] for mask in mask_positions(model, tokens)]
    mask = masks.index(word_index(term, tokens))
    if term.outcome in pieces:
        return mask, pieces.index(term.outcome)
    spelt = pieces_of(model, term.outcome)
    known = len(spelt) == 1 and spelt[0] != model.tokenizer.unk_token
    return mask, label_index(model, pieces, spelt[0] if known else term.outcome, "word piece")


def output_positions(model: Model, tokens: Tokens, masks: Sequence[int]) -> tuple[int, ...]:
    """The tokens that the logits of these masks are read from."""
    positions = mask_positions(model, tokens).tolist()
    return tuple(positions[mask] for mask in masks)


def carry_over(term: Term, words: tuple[Word, ...]) -> tuple[Term, ...] | None:
    """A piece for a mask, only if a mask still stands in its place."""
    return (Term(term.outcome, words[0]),) if [word.text for word in words] == [MASK] else None


def pointed_at(prediction: MaskPredictions) -> tuple[int, int, int]:
    """Field, start and end of the first mask."""
    first = prediction.masks[0]
    return first.field, first.start, first.end


def is_correct(prediction: MaskPredictions, expected: Sequence[str]) -> bool:
    """The likeliest piece at the first mask is one of the words."""
    return prediction.best(0, 1)[0][0].lower() in expected
