"""From logits to predictions, one function for each kind of task head; a row of `TASKS` names its function."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array, frozen, softmax
from analysis.models.forward import Reading
from analysis.models.model import Model
from analysis.models.tokens import Tokens
from analysis.predictions.values import Classification, Entities, Entity, MaskPredictions

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def classify(model: Model, readings: tuple[Reading, ...]) -> Classification:
    """Softmax over the labels, as in `pipeline("text-classification")`."""
    logits = readings[0].logits
    return Classification(model.labels, logits, frozen(softmax(logits)))


def fill(model: Model, readings: tuple[Reading, ...]) -> MaskPredictions:
    """Softmax over the whole vocabulary at each mask, as in `pipeline("fill-mask")`."""
    tokens, logits = readings[0].tokens, readings[0].logits
    at_mask = tokens.word_ids[tokens.ids == model.tokenizer.mask_token_id]
    masks = tuple(tokens.words[word] for word in at_mask)
    return MaskPredictions(masks, vocabulary(model), frozen(softmax(logits)))


def recognise(model: Model, readings: tuple[Reading, ...]) -> Entities:
    """Entities of whole words, each word tagged by its first piece: `aggregation_strategy="first"` of the pipeline."""
    tokens, logits = readings[0].tokens, readings[0].logits
    words, first_pieces = np.unique(tokens.word_ids, return_index=True)
    read = words >= 0  # not every word is: some tokenizers delete a lone accent
    words, rows = words[read], softmax(logits[first_pieces[read]])  # [word read], [word read, label]
    probabilities = np.full((len(tokens.words), len(model.labels)), 1 / len(model.labels))
    probabilities[words] = rows
    runs = _runs([model.labels[index] for index in rows.argmax(axis=1)])
    entities = tuple(
        _entity(label, tokens, words[[first, last]], rows[first : last + 1]) for label, first, last in runs
    )
    return Entities(tokens.words, model.labels, frozen(probabilities), entities)


def vocabulary(model: Model) -> tuple[str, ...]:
    """The piece of every id that the model can answer with."""
    return _pieces(model.tokenizer, model.network.config.vocab_size)


@lru_cache(maxsize=8)  # keyed on the tokenizer: a model kept here would never leave memory
def _pieces(tokenizer: PreTrainedTokenizerBase, count: int) -> tuple[str, ...]:
    pieces = tokenizer.convert_ids_to_tokens(list(range(count)))
    return tuple(f"[id {index}]" if piece is None else piece for index, piece in enumerate(pieces))


def _runs(tags: list[str]) -> list[tuple[str, int, int]]:
    """(label, first word, last word) of each run of words with one label; a B- tag begins a new run.

    >>> _runs(["B-per", "I-per", "O", "I-geo", "B-geo"])
    [('per', 0, 1), ('geo', 3, 3), ('geo', 4, 4)]
    """
    labels = [tag.removeprefix("B-").removeprefix("I-") for tag in tags]
    begins = [i for i, tag in enumerate(tags) if i == 0 or tag.startswith("B-") or labels[i] != labels[i - 1]]
    return [
        (labels[first], first, following - 1)
        for first, following in pairwise([*begins, len(tags)])
        if labels[first] != "O"
    ]


def _entity(label: str, tokens: Tokens, ends: Array, rows: Array) -> Entity:
    first, last = ends  # its outer words
    start, end = tokens.words[first].start, tokens.words[last].end
    return Entity(label, tokens.texts[0][start:end], start, end, score=float(rows.max(axis=1).mean()))
