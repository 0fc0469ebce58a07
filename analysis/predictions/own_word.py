"""A word of the reader's own at a mask: how likely a model holds it, and what rank that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import softmax
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import MASK
from analysis.models.forward import only_window, readings
from analysis.models.model import Model
from analysis.models.tokens import Tokens, mask_positions, pieces_of
from analysis.predictions.fill_mask import vocabulary
from analysis.wording import shown

MOST_PIECES = 8  # a pass each


@dataclass(frozen=True, slots=True)
class WordAtMask:
    """How likely a model holds a word for one [MASK].

    `pieces`: how the model spells it. `rank`: among all pieces of its vocabulary, 1 the likeliest; None for a word of
    several pieces, since not all such words were asked.
    """

    pieces: tuple[str, ...]
    probability: float
    rank: int | None


def word_at_mask(model: Model, example: Example, mask: int, word: str) -> WordAtMask:
    """The word in the place of a mask, by its number from 0.

    A word of several pieces is asked for with as many masks, filled from left to right: its probability is the product
    of each piece's, given those before it. Raises `AnalysisError` where the model has no pieces for it.

    Source: Kauf and Ivanova 2023, "A Better Way to Do Masked Language Model Scoring" (arXiv:2305.10588), PLL-word-l2r.
    """
    known = vocabulary(model)
    pieces = (word,) if word in known else pieces_of(model, word)
    if not pieces or model.tokenizer.unk_token in pieces:
        raise AnalysisError(f"{model.checkpoint.name} has no word pieces for “{shown(word, 40)}”: try another word.")
    if len(pieces) > MOST_PIECES:
        raise AnalysisError(
            f"“{shown(word, 40)}” has {len(pieces)} word pieces; at most {MOST_PIECES} are asked: try a shorter word."
        )
    tokens, ids = only_window(model, _with_masks(example, mask, len(pieces))), [known.index(piece) for piece in pieces]
    probability, rank = 1.0, 0
    for place in ids:
        (reading,) = readings(model, (tokens,))
        distribution = softmax(reading.logits[mask])
        probability *= float(distribution[place])
        rank = 1 + int((distribution > distribution[place]).sum())
        tokens = _filled(model, tokens, mask, place)
    return WordAtMask(pieces, probability, rank if len(pieces) == 1 else None)


def _with_masks(example: Example, mask: int, count: int) -> Example:
    """The example with several masks in the place of one."""
    parts = example.text.split(MASK)
    text = MASK.join(parts[: mask + 1]) + MASK * count + MASK.join(parts[mask + 1 :])
    return checked(replace(example, text=text))


def _filled(model: Model, tokens: Tokens, mask: int, piece: int) -> Tokens:
    """The tokens with a piece, by its id, in the place of a mask: the next mask then has its number."""
    ids = np.array(tokens.ids)
    ids[mask_positions(model, tokens)[mask]] = piece
    return replace(tokens, ids=ids)
