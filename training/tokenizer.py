"""The pieces that are kept of a published vocabulary, and the tokenizers of BERT and of DistilBERT that read with them.

A published vocabulary is made for all of English and more. In a small model its word vectors are most of the weights,
and a student of half the layers would have much more than half of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from transformers import BertTokenizer, DistilBertTokenizer, PreTrainedTokenizerBase

from .sources import SOURCES

VOCABULARY_SIZE = 14_000
LONGEST_INPUT = 512
SPECIAL_PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
TOKENIZER_CLASSES = {"bert": BertTokenizer, "distilbert": DistilBertTokenizer}
NOVEL_LINES_PER_FILE = 12_000  # a few per cent of the text that the pieces are counted in
LINES_AT_ONCE = 5_000  # the tokenizer's records of a whole file would take gigabytes


def vocabulary_text(data: Path, seed: int = 0) -> Iterator[str]:
    """Every expository line and question, and a random sample of each file of novels."""
    for number, source in enumerate(SOURCES):
        lines = list(source.lines(data))
        if not source.expository:
            lines = random.Random(seed + number).sample(lines, min(len(lines), NOVEL_LINES_PER_FILE))
        yield from lines
        yield from source.questions(data).values()


def piece_counts(tokenizer: PreTrainedTokenizerBase, lines: Iterable[str]) -> np.ndarray:
    """How often each piece of the vocabulary stands in the lines, [piece]."""
    counts = np.zeros(len(tokenizer), dtype=np.int64)
    every = list(lines)
    for begin in range(0, len(every), LINES_AT_ONCE):
        part = every[begin : begin + LINES_AT_ONCE]
        encodings = tokenizer.backend_tokenizer.encode_batch_fast(part, add_special_tokens=False)
        counts += np.bincount([number for encoding in encodings for number in encoding.ids], minlength=len(counts))
    return counts


def kept_pieces(tokenizer: PreTrainedTokenizerBase, counts: np.ndarray, size: int) -> list[int]:
    """The old ids of `size` pieces in their new order: special ones, then those used most, in the old order.

    Every ASCII character is kept, alone and inside a word, so that any plain text can be cut. Raises `ValueError`
    where `size` has no room for them.
    """
    vocabulary = tokenizer.get_vocab()
    special = [vocabulary[piece] for piece in SPECIAL_PIECES]
    characters = [
        number for piece, number in vocabulary.items() if len(piece.removeprefix("##")) == 1 and piece.isascii()
    ]
    room = size - len(special)
    if room < len(characters):
        raise ValueError(f"{size} pieces have no room for the special ones and {len(characters)} of one character.")
    order = np.argsort(-counts, kind="stable").tolist()
    kept = list(dict.fromkeys([*characters, *(number for number in order if number not in special)]))[:room]
    return special + sorted(kept)


def pruned(tokenizer: PreTrainedTokenizerBase, kept: list[int]) -> PreTrainedTokenizerBase:
    """The same tokenizer with these pieces alone, in this order."""
    return tokenizer_like(tokenizer, "bert", list(tokenizer.convert_ids_to_tokens(kept)))


def retarget(tokenizer: PreTrainedTokenizerBase, kind: str) -> PreTrainedTokenizerBase:
    """The same vocabulary as the tokenizer of another architecture (DistilBERT takes no segment ids)."""
    vocabulary = tokenizer.get_vocab()
    return tokenizer_like(tokenizer, kind, sorted(vocabulary, key=vocabulary.__getitem__))


def tokenizer_like(tokenizer: PreTrainedTokenizerBase, kind: str, pieces: list[str]) -> PreTrainedTokenizerBase:
    """The fast tokenizer of an architecture ("bert" or "distilbert"), which normalises text as the given one does."""
    normaliser = tokenizer.backend_tokenizer.normalizer
    same: PreTrainedTokenizerBase = TOKENIZER_CLASSES[kind](
        vocab={piece: number for number, piece in enumerate(pieces)},
        do_lower_case=normaliser.lowercase,
        strip_accents=normaliser.strip_accents,
        tokenize_chinese_chars=normaliser.handle_chinese_chars,
        model_max_length=LONGEST_INPUT,
    )
    return same
