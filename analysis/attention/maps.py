"""Attention maps: from tokens to words, without [CLS] and [SEP], two models on the same words, and what a head does.

    inside = trace(model, example)
    words = by_word(inside.attentions, inside.tokens)
    words.weights[3, 7]  # [query, key]: layer 4, head 8

Attention weights say where a head reads from, not why the model answers as it does (Jain & Wallace 2019,
https://aclanthology.org/N19-1357; the answer of Wiegreffe & Pinter 2019, https://aclanthology.org/D19-1002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens
from analysis.statistics import entropy_bits


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """Attention of every head over units in reading order: tokens, or words with [CLS] and [SEP] in their places.

    `weights` [layer, head, query, key]: each row sums to 1. `labels` [unit]; `fields` [unit]: 0 first text, 1 second
    text, -1 special token; `words` [unit]: index into the words of the example, -1 for a special token.
    """

    weights: Array
    labels: tuple[str, ...]
    fields: Array
    words: Array


@dataclass(frozen=True, slots=True)
class HeadSummary:
    """What each head does on one text, every array [layer, head]; means over all queries, [CLS] and [SEP] included.

    `entropy_bits` of a row, and `entropy_share`, that as a share of its maximum log2 n; the share of attention on
    [CLS], on all [SEP], on the token itself, on the previous and the next token (over the queries that have one);
    `distance_tokens` between query and key. `within` and `across`: the share that the tokens of the two texts (not
    [CLS] and [SEP]) give to their own and to the other text; None where there is one text.
    """

    entropy_bits: Array
    entropy_share: Array
    to_cls: Array
    to_sep: Array
    to_same: Array
    to_previous: Array
    to_next: Array
    distance_tokens: Array
    within: Array | None
    across: Array | None


def by_token(attentions: Array, tokens: Tokens) -> AttentionMap:
    """The map as the model has it, `attentions` [layer, head, query, key]."""
    return AttentionMap(frozen(attentions), tokens.pieces, tokens.fields, tokens.word_ids)


def by_word(attentions: Array, tokens: Tokens) -> AttentionMap:
    """The map over words: columns of a word's pieces summed, its rows averaged (Clark et al. 2019, section 4.1).

    https://aclanthology.org/W19-4828. A word that the tokenizer deleted has no row and no column.
    """
    word_ids = tokens.word_ids
    begins = _begins(word_ids)
    sizes = np.diff(begins, append=len(tokens))
    columns = np.add.reduceat(attentions, begins, axis=3)  # [layer, head, token, word]
    weights = np.add.reduceat(columns, begins, axis=2) / sizes[:, None].astype(attentions.dtype)
    words = word_ids[begins]
    labels = tuple(label_of(tokens, begin) for begin in begins)
    return AttentionMap(frozen(weights), labels, frozen(tokens.fields[begins]), frozen(words))


def label_of(tokens: Tokens, place: int) -> str:
    """The word that a token is part of, or the token itself if it is a special token."""
    word = int(tokens.word_ids[place])
    return tokens.pieces[place] if word < 0 else tokens.words[word].text


def shares_of_words(row: Array, tokens: Tokens) -> Array:
    """The sums over each unit of `by_word` of a quantity that adds up, `row` [token]: [unit]."""
    return np.asarray(np.add.reduceat(row, _begins(tokens.word_ids)))


def units_of(tokens: Tokens) -> list[list[int]]:
    """The tokens of each word in reading order, [CLS] and each [SEP] on their own."""
    begins = _begins(tokens.word_ids)
    return [part.tolist() for part in np.split(np.arange(len(tokens)), begins[1:])]


def without_special_tokens(map_: AttentionMap) -> AttentionMap:
    """The map with [CLS] and [SEP] left out and rows that sum to 1 again.

    A row that gave all its weight to them stays zero: it has nothing to share out.
    """
    return _only(map_, np.flatnonzero(map_.fields >= 0))


def by_text(map_: AttentionMap) -> AttentionMap:
    """The map with the words of the first text together, then those of the second, then [CLS] and [SEP]."""
    order = np.argsort(np.where(map_.fields < 0, 2, map_.fields), kind="stable")
    return _at(map_, order, map_.weights[:, :, order[:, None], order])


def on_shared_words(maps: Sides[AttentionMap]) -> Sides[AttentionMap]:
    """Both maps over the units that both have: two tokenizers need not read every character of a text.

    Left out is what one of them lacks, and rows sum to 1 again; maps over the same words come back as they are.
    """
    teacher, student = (_places(map_) for map_ in maps)
    shared = [key for key in teacher if key in student]
    return Sides(
        _only(maps.teacher, np.array([teacher[key] for key in shared], dtype=np.int64)),
        _only(maps.student, np.array([student[key] for key in shared], dtype=np.int64)),
    )


def difference(teacher: Array, student: Array) -> Array:
    """Teacher's weights less the student's, [query, key] on the same words: above 0 the teacher attends more there."""
    if teacher.shape != student.shape:
        raise ValueError(f"maps are over the same words, not {teacher.shape} and {student.shape}: on_shared_words")
    return frozen(teacher - student)


def head_summary(attentions: Array, tokens: Tokens) -> HeadSummary:
    """What every head does on one text, from `attentions` [layer, head, query, key] over tokens."""
    count = len(tokens)
    cls, *seps = np.flatnonzero(tokens.fields < 0)
    received = attentions.mean(axis=2, dtype=np.float64)  # [layer, head, key]
    bits = np.stack([entropy_bits(layer).mean(axis=-1) for layer in attentions])  # layer by layer: less memory
    within, across = _between_texts(attentions, tokens.fields)
    return HeadSummary(
        entropy_bits=frozen(bits),
        entropy_share=frozen(bits / np.log2(count)),
        to_cls=frozen(received[:, :, cls]),
        to_sep=frozen(received[:, :, seps].sum(axis=-1)),
        to_same=_along(attentions, 0),
        to_previous=_along(attentions, -1),
        to_next=_along(attentions, 1),
        distance_tokens=frozen(_weighted(attentions, np.abs(np.subtract.outer(range(count), range(count)))) / count),
        within=within,
        across=across,
    )


def typical_head(values: Array) -> float:
    """The median over all heads of what `HeadSummary` says of each, [layer, head]."""
    return float(np.median(values))


def _begins(word_ids: Array) -> Array:
    """The first token of each word, and every special token: a word's pieces are neighbours."""
    return np.flatnonzero((word_ids < 0) | (np.diff(word_ids, prepend=-2) != 0))


def _only(map_: AttentionMap, kept: Array) -> AttentionMap:
    if len(kept) == len(map_.labels):
        return map_
    weights = map_.weights[:, :, kept[:, None], kept]
    sums = weights.sum(axis=-1, keepdims=True, dtype=np.float64)
    weights = np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0, casting="same_kind")
    return _at(map_, kept, weights)


def _at(map_: AttentionMap, places: Array, weights: Array) -> AttentionMap:
    """These weights over the units at `places`."""
    labels = tuple(map_.labels[place] for place in places)
    return AttentionMap(frozen(weights), labels, frozen(map_.fields[places]), frozen(map_.words[places]))


def _places(map_: AttentionMap) -> dict[tuple[int, int], int]:
    """The place of every word under (its index, 0), and of the nth special token under (-1, n)."""
    nth = np.cumsum(map_.words < 0)
    return {
        (int(word), 0 if word >= 0 else int(number)): place
        for place, (word, number) in enumerate(zip(map_.words, nth, strict=True))
    }


def _along(attentions: Array, offset: int) -> Array:
    """Mean weight on the token `offset` places on, [layer, head]."""
    return frozen(np.diagonal(attentions, offset, axis1=2, axis2=3).mean(axis=-1, dtype=np.float64))


def _between_texts(attentions: Array, fields: Array) -> tuple[Array | None, Array | None]:
    queries = np.count_nonzero(fields >= 0)
    if not (fields == 1).any():
        return None, None
    in_texts = np.logical_and.outer(fields >= 0, fields >= 0)
    same = np.equal.outer(fields, fields)
    return (
        frozen(_weighted(attentions, in_texts & same) / queries),
        frozen(_weighted(attentions, in_texts & ~same) / queries),
    )


def _weighted(attentions: Array, weights: Array) -> Array:
    """Sum over [query, key] of attention times `weights`, in float64: [layer, head]."""
    flat = weights.astype(attentions.dtype).ravel()
    rows = attentions.reshape(*attentions.shape[:2], *weights.shape)
    return np.asarray([(layer.reshape(len(layer), -1) * flat).sum(axis=-1, dtype=np.float64) for layer in rows])
