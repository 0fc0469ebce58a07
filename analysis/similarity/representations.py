"""The examples that are compared: tokens, words, whole sentences or [CLS], from the traces of both models.

sentences = Representations(models, probe_sentences(), "word")  # iterated again and again, never all in memory
maps = cka_maps(sentences)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.inputs.examples import check_text
from analysis.models.forward import Trace, traces_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.progress import Progress, silent
from analysis.similarity.layer_maps import LayersOfBoth

MOST_LINES = 600
MOST_CHARACTERS = 100_000
ORDER_SEED = 0


@dataclass(frozen=True, slots=True)
class Granularity:
    """One kind of example: its name, its meaning, and its vectors from hidden states [layer + 1, token, width].

    `vectors` returns [layer + 1, example, width], and for each example a key by which the two models are aligned.
    """

    title: str
    meaning: str
    vectors: Callable[[Trace, bool], tuple[Array, list[tuple[int, object]]]]


def _tokens(trace: Trace, with_special_tokens: bool) -> tuple[Array, list[tuple[int, object]]]:
    tokens = trace.tokens
    kept = np.flatnonzero((tokens.fields >= 0) | with_special_tokens)
    return trace.hidden_states[:, kept], [(int(place), tokens.pieces[place]) for place in kept]


def _words(trace: Trace, with_special_tokens: bool) -> tuple[Array, list[tuple[int, object]]]:
    tokens = trace.tokens
    kept = np.flatnonzero((tokens.fields >= 0) | with_special_tokens)
    begins = np.flatnonzero((tokens.word_ids[kept] < 0) | (np.diff(tokens.word_ids[kept], prepend=-2) != 0))
    if not len(begins):
        return trace.hidden_states[:, :0], []
    sizes = np.diff(begins, append=len(kept)).astype(trace.hidden_states.dtype)
    sums = np.add.reduceat(trace.hidden_states[:, kept], begins, axis=1)
    nth = np.cumsum(tokens.word_ids[kept] < 0)
    keys: list[tuple[int, object]] = [
        (int(word), "" if word >= 0 else int(nth[begin]))
        for begin, word in zip(begins, tokens.word_ids[kept][begins], strict=True)
    ]
    return sums / sizes[:, None], keys


def _sentence(trace: Trace, with_special_tokens: bool) -> tuple[Array, list[tuple[int, object]]]:
    vectors, keys = _tokens(trace, with_special_tokens)
    return (vectors.mean(axis=1, keepdims=True), [(0, "")]) if keys else (vectors, [])


def _cls(trace: Trace, with_special_tokens: bool) -> tuple[Array, list[tuple[int, object]]]:
    return trace.hidden_states[:, :1], [(0, "")]


GRANULARITIES: dict[str, Granularity] = {
    "token": Granularity("Tokens", "each word piece by itself", _tokens),
    "word": Granularity("Words", "the mean of each word's pieces, which also aligns two tokenizers", _words),
    "sentence": Granularity("Sentence means", "the mean of all tokens of a sentence", _sentence),
    "cls": Granularity("[CLS]", "the first token, which a classifier reads", _cls),
}


def vectors_of(traces: Sides[Trace], granularity: str, with_special_tokens: bool = False) -> Sides[Array]:
    """Both models' examples of one text, the same ones in the same order, [layer + 1, example, width] each.

    [CLS] and [SEP] are in if `with_special_tokens`. Raises `AnalysisError` for tokens of two tokenizers.
    """
    (teacher, teacher_keys), (student, student_keys) = (
        GRANULARITIES[granularity].vectors(trace, with_special_tokens) for trace in traces
    )
    if teacher_keys == student_keys:
        return Sides(teacher, student)
    if granularity == "token":
        raise AnalysisError(
            "The two models tokenize the text differently; compare words or sentences instead of tokens."
        )
    shared = [key for key in teacher_keys if key in set(student_keys)]  # a tokenizer may delete a character
    return Sides(
        teacher[:, [teacher_keys.index(key) for key in shared]],
        student[:, [student_keys.index(key) for key in shared]],
    )


@dataclass(frozen=True, slots=True)
class Representations:
    """The examples of many sentences, traced anew in each iteration, one sentence in memory at a time.

    In a random order that is always the same, so that the first ones are a fair sample. `progress` gets the share of
    each pass.
    """

    models: Sides[Model]
    sentences: tuple[str, ...]
    granularity: str
    with_special_tokens: bool = False
    progress: Progress = silent

    def __iter__(self) -> Iterator[LayersOfBoth]:
        order = np.random.default_rng(ORDER_SEED).permutation(len(self.sentences))
        shuffled = [self.sentences[place] for place in order]
        traces = zip(*(traces_of(model, shuffled) for model in self.models), strict=True)
        for done, pair in enumerate(traces, start=1):
            yield vectors_of(Sides(*pair), self.granularity, self.with_special_tokens).map(list)
            self.progress(done / len(shuffled))


def one_by_one(vectors: Sides[Array]) -> list[LayersOfBoth]:
    """The examples of one text as if each were a sentence, which is all that a single text can give."""
    return [Sides(*(list(side[:, place : place + 1]) for side in vectors)) for place in range(vectors.teacher.shape[1])]


def text_of(file: bytes) -> str:
    """The text of a file, or an `AnalysisError` if it is not UTF-8."""
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnalysisError(
            f"Byte {error.start + 1:,} of the file is not UTF-8; save it as plain text in UTF-8."
        ) from error


def own_lines(text: str) -> tuple[str, ...]:
    """The lines of a pasted text as sentences, each once and none empty. `AnalysisError` if they are too many."""
    if text.strip():
        check_text("Sentences", text, MOST_CHARACTERS)
    lines = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(lines) > MOST_LINES:
        raise AnalysisError(f"The text has {len(lines):,} lines; at most {MOST_LINES:,} lines are read here.")
    return lines
