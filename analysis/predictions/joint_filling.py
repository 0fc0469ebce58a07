"""All masks of a text filled together: the pieces that a model holds likeliest as a whole, not each mask by itself.

How likely a filling is, is the product of each piece's probability given those to its left, as for a word of several
pieces (`own_word.py`). All fillings cannot be asked, so the search is approximate: of each step, the likeliest few are
followed (beam search). What it finds has the probability that is said; a likelier filling may have been missed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.forward import columns, only_window
from analysis.models.model import Model
from analysis.models.tokens import Tokens, mask_positions
from analysis.predictions.fill_mask import vocabulary

BEAMS = 10  # fillings that are followed at each step
MOST_MASKS = 8  # a pass over all of them each
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Filling:
    """A piece for each mask, in reading order, and the probability of them all together."""

    pieces: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class JointFillings:
    """The likeliest fillings that were found, best first, and the one that takes each mask's own likeliest piece."""

    best: tuple[Filling, ...]
    alone: Filling


def joint_fillings(model: Model, example: Example, beams: int = BEAMS) -> JointFillings:
    """What a model puts into all masks of a checked example together. Special tokens fill no mask.

    Raises `AnalysisError` where there are more masks than are filled together.
    """
    tokens = only_window(model, example)
    masks = mask_positions(model, tokens)
    if len(masks) > MOST_MASKS:
        raise AnalysisError(
            f"The text has {len(masks)} masks; at most {MOST_MASKS} are filled together: use fewer for this."
        )
    first = _log_probabilities(model, tokens, tokens.ids[None], masks)[0]  # [mask, piece]
    ids, scores = _searched(model, tokens, masks, beams)
    pieces = vocabulary(model)
    found = tuple(
        Filling(tuple(pieces[piece] for piece in row), float(np.exp(score)))
        for row, score in zip(ids[:SHOWN, masks].tolist(), scores[:SHOWN], strict=True)
    )
    return JointFillings(found, _filling(model, tokens, masks, first.argmax(axis=-1)))


def _searched(model: Model, tokens: Tokens, masks: Array, beams: int) -> tuple[Array, Array]:
    """The likeliest ids [filling, token] and the logarithms of their probabilities [filling]."""
    ids, scores = np.array(tokens.ids[None]), np.zeros(1)
    for place in masks:
        every = scores[:, None] + _log_probabilities(model, tokens, ids, place[None])[:, 0]  # [filling, piece]
        order = np.argsort(-every, axis=None, kind="stable")[:beams]
        order = order[np.isfinite(every.ravel()[order])]
        rows, chosen = np.unravel_index(order, every.shape)
        ids, scores = ids[rows], every[rows, chosen]
        ids[:, place] = chosen
    return ids, scores


def _filling(model: Model, tokens: Tokens, masks: Array, chosen: Array) -> Filling:
    """A filling by its ids, with its probability."""
    ids, score = np.array(tokens.ids[None]), 0.0
    for place, piece in zip(masks, chosen, strict=True):
        score += float(_log_probabilities(model, tokens, ids, place[None])[0, 0, piece])
        ids[:, place] = piece
    pieces = vocabulary(model)
    return Filling(tuple(pieces[piece] for piece in chosen), float(np.exp(score)))


def _log_probabilities(model: Model, tokens: Tokens, ids: Array, places: Array) -> Array:
    """Logarithms of the pieces' probabilities at these places, [filling, place, piece]; -inf for special tokens."""
    import torch
    from scipy.special import log_softmax

    segments = np.repeat(tokens.segments[None], len(ids), axis=0)
    with model.lock, torch.inference_mode():
        states = model.network.base_model(**columns(model, ids, segments)).last_hidden_state[:, places]
        logits = model.family.mask_logits(model.network, states).numpy()
    logarithms = log_softmax(logits.astype(np.float64), axis=-1)
    logarithms[..., model.tokenizer.all_special_ids] = -np.inf
    return np.asarray(logarithms)
