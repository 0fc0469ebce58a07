"""The whole corpus as one file of token ids, and where the windows are cut that training reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file
from transformers import PreTrainedTokenizerBase

from .sources import SOURCES

WORDS_PER_DOCUMENT = 6_000  # a chapter, some fifteen articles, a few hundred news sentences
HELD_OUT_EVERY = 64  # one document in 64 is never trained on
MOST_TOKENS = 43_000_000  # 86 MB at two bytes a token
EXPOSITORY_REPEATS = 3  # readings of each expository document for one of each novel


@dataclass(frozen=True, slots=True)
class Corpus:
    """Token ids without special pieces, cut into documents: document d is `tokens[ends[d - 1]:ends[d]]`."""

    tokens: np.ndarray  # [token] uint16
    ends: np.ndarray  # [document] int64
    source: np.ndarray  # [document] index into SOURCES
    held_out: np.ndarray  # [document] bool
    sentence_ends: np.ndarray  # ids of the pieces that end a sentence

    def document(self, number: int) -> np.ndarray:
        """The token ids of one document."""
        return self.tokens[(self.ends[number - 1] if number else 0) : self.ends[number]]


def documents(lines: Sequence[str], words: int = WORDS_PER_DOCUMENT) -> list[list[str]]:
    """Blocks of neighbouring lines of about `words` words each.

    The files do not mark where an article or a chapter ends. A block of neighbouring lines is what can be
    held out without a paragraph's own neighbours being trained on (but for the two at the block's edges).
    """
    blocks: list[list[str]] = [[]]
    count = 0
    for line in lines:
        if count >= words:
            blocks.append([])
            count = 0
        blocks[-1].append(line)
        count += len(line.split())
    return blocks


def is_held_out(number: int) -> bool:
    """True for one document in 64 of every source, from the 8th on, so that small sources have one too."""
    return number % HELD_OUT_EVERY == 7


def after_questions(block: Sequence[str], questions: Mapping[str, str]) -> list[str]:
    """The lines of a document, each after what was asked about it."""
    return [f"{questions[line]} {line}" if line in questions else line for line in block]


def encode(tokenizer: PreTrainedTokenizerBase, lines: Sequence[str]) -> np.ndarray:
    """The lines' token ids on end, without special pieces."""
    encodings = tokenizer.backend_tokenizer.encode_batch_fast(list(lines), add_special_tokens=False)
    return np.concatenate([np.array(encoding.ids, dtype=np.uint16) for encoding in encodings])


def pack(data: Path, tokenizer: PreTrainedTokenizerBase, path: Path) -> None:
    """Write the corpus to `path`: all expository documents, and as many novels, evenly drawn, as then still fit.

    Held-out documents have no questions in them: what a model is measured on is running text.
    """
    parts: list[np.ndarray] = []
    source: list[int] = []
    held_out: list[bool] = []
    room = MOST_TOKENS
    novels = [number for number, entry in enumerate(SOURCES) if not entry.expository]
    for number, entry in enumerate(SOURCES):
        blocks = documents(list(entry.lines(data)))
        share = 1.0 if entry.expository else room / (len(novels) - novels.index(number))
        kept = 0
        questions = entry.questions(data)
        for index, block in enumerate(blocks):
            if not entry.expository and kept >= share * (index + 1) / len(blocks):
                continue
            parts.append(encode(tokenizer, block if is_held_out(index) else after_questions(block, questions)))
            kept += len(parts[-1])
            source.append(number)
            held_out.append(is_held_out(index))
        room -= kept
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        "tokens": np.concatenate(parts),
        "ends": ends,
        "source": np.array(source, dtype=np.uint8),
        "held_out": np.array(held_out, dtype=np.uint8),
        "sentence_ends": np.array(tokenizer.convert_tokens_to_ids([".", "?", "!"]), dtype=np.uint16),
    }
    names = json.dumps([entry.name for entry in SOURCES])
    save_file(tensors, path, {"sources": names, "vocabulary": digest(tokenizer)})


def digest(tokenizer: PreTrainedTokenizerBase) -> str:
    """What tells a vocabulary from every other one."""
    return hashlib.sha256(json.dumps(tokenizer.get_vocab(), sort_keys=True).encode()).hexdigest()


def check_vocabulary(path: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """Raise `ValueError` where the corpus was packed with other pieces than this tokenizer's."""
    with safe_open(path, "numpy") as stored:
        if stored.metadata().get("vocabulary") != digest(tokenizer):
            raise ValueError(f"{path} was packed with another vocabulary: remove it, and it is packed again.")


def load_corpus(path: Path) -> Corpus:
    """The packed corpus; no source text is needed any more."""
    with safe_open(path, "numpy") as stored:
        return Corpus(
            stored.get_tensor("tokens"),
            stored.get_tensor("ends"),
            stored.get_tensor("source"),
            stored.get_tensor("held_out").astype(bool),
            stored.get_tensor("sentence_ends"),
        )


def repeats(source: int) -> int:
    """How often a document of this source is read in one pass over the corpus."""
    return EXPOSITORY_REPEATS if SOURCES[source].expository else 1


def windows_per_pass(corpus: Corpus, length: int) -> int:
    """How many windows every pass has at least, whatever its offsets."""
    sizes = np.diff(corpus.ends, prepend=0)
    readings = np.array([repeats(int(number)) for number in corpus.source])
    return int((readings * np.maximum(sizes // length - 3, 0))[~corpus.held_out].sum())


def window_starts(corpus: Corpus, length: int, seed: Sequence[int]) -> np.ndarray:
    """Where the windows of one pass start, shuffled: int64 [window].

    Each reading of a document cuts it at another offset; a start moves on to the next sentence where one begins
    within a quarter of a window, so that most sequences start as a person's text does.
    """
    generator = np.random.default_rng(seed)
    starts = []
    for number in np.flatnonzero(~corpus.held_out):
        first, last = int(corpus.ends[number - 1]) if number else 0, int(corpus.ends[number])
        for _ in range(repeats(int(corpus.source[number]))):
            starts.append(np.arange(first + int(generator.integers(length)), last - length - length // 4, length))
    every = np.concatenate(starts)
    generator.shuffle(every)
    return to_sentence_start(corpus, every[: windows_per_pass(corpus, length)], length // 4)


def to_sentence_start(corpus: Corpus, starts: np.ndarray, most: int) -> np.ndarray:
    """Each start moved on to where the next sentence begins, if that is at most `most` tokens away."""
    begins = np.flatnonzero(np.isin(corpus.tokens, corpus.sentence_ends)) + 1
    following = np.append(begins, len(corpus.tokens) + most + 1)[np.searchsorted(begins, starts)]
    return np.where(following - starts <= most, following, starts)


def held_out_starts(corpus: Corpus, room: int, most: int) -> np.ndarray:
    """Where windows of `room` tokens start in the held-out documents, evenly drawn, at most `most`: int64 [window]."""
    starts = [
        np.arange(corpus.ends[number - 1], corpus.ends[number] - room - room // 4, room)
        for number in np.flatnonzero(corpus.held_out)
    ]
    every = np.concatenate(starts)
    return to_sentence_start(corpus, every[:: -(-len(every) // most)], room // 4)
