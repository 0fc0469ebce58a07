"""What is compared: tokens, words, whole sentences or [CLS], from the traces of both models.

sentences = Units(models, probe_sentences(), "word")  # gone through again and again, never all in memory
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
from analysis.similarity.layer_maps import Both, Progress, silent

MOST_LINES = 600
MOST_CHARACTERS = 100_000
ORDER_SEED = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """One kind of unit: its name, what it is, and how a trace's hidden states [layer + 1, token, width] give it.

    `vectors` returns [layer + 1, unit, width], and a key for each unit by which the two models meet.
    """

    title: str
    meaning: str
    vectors: Callable[[Trace, bool], tuple[Array, list[tuple[int, object]]]]


def _tokens(trace: Trace, added: bool) -> tuple[Array, list[tuple[int, object]]]:
    tokens = trace.tokens
    kept = np.flatnonzero((tokens.fields >= 0) | added)
    return trace.hidden_states[:, kept], [(int(place), tokens.pieces[place]) for place in kept]


def _words(trace: Trace, added: bool) -> tuple[Array, list[tuple[int, object]]]:
    tokens = trace.tokens
    kept = np.flatnonzero((tokens.fields >= 0) | added)
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


def _sentence(trace: Trace, added: bool) -> tuple[Array, list[tuple[int, object]]]:
    vectors, keys = _tokens(trace, added)
    return (vectors.mean(axis=1, keepdims=True), [(0, "")]) if keys else (vectors, [])


def _cls(trace: Trace, added: bool) -> tuple[Array, list[tuple[int, object]]]:
    return trace.hidden_states[:, :1], [(0, "")]


UNITS: dict[str, Unit] = {
    "token": Unit("Tokens", "each word piece by itself", _tokens),
    "word": Unit("Words", "the mean of each word's pieces; two tokenizers meet on words", _words),
    "sentence": Unit("Sentence means", "the mean of all tokens of a sentence", _sentence),
    "cls": Unit("[CLS]", "the first token, which a classifier reads", _cls),
}


def unit_named(key: str) -> Unit:
    """The unit of that key, or an `AnalysisError` that says which there are."""
    if key not in UNITS:
        raise AnalysisError(f"There is no unit called “{key}”; there are {', '.join(UNITS)}.")
    return UNITS[key]


def vectors_of(traces: Sides[Trace], unit: str, added: bool = False) -> Sides[Array]:
    """Both models' units of one text, the same ones in the same order, [layer + 1, unit, width] each.

    With `added`, what the tokenizer added ([CLS], [SEP]) is in. Raises `AnalysisError` for tokens of two tokenizers.
    """
    (teacher, teacher_keys), (student, student_keys) = (UNITS[unit].vectors(trace, added) for trace in traces)
    if teacher_keys == student_keys:
        return Sides(teacher, student)
    if unit == "token":
        raise AnalysisError(
            "The two models cut the text into different tokens; choose words as the unit, or sentences."
        )
    shared = [key for key in teacher_keys if key in set(student_keys)]  # a tokenizer may delete a character
    return Sides(
        teacher[:, [teacher_keys.index(key) for key in shared]],
        student[:, [student_keys.index(key) for key in shared]],
    )


@dataclass(frozen=True, slots=True)
class Units:
    """The units of many sentences, traced anew each time they are gone through, one sentence in memory at a time.

    In a random order that is always the same, so that the first ones are a fair sample. `progress` hears the share of
    each pass.
    """

    models: Sides[Model]
    sentences: tuple[str, ...]
    unit: str
    added: bool = False
    progress: Progress = silent

    def __iter__(self) -> Iterator[Both]:
        order = np.random.default_rng(ORDER_SEED).permutation(len(self.sentences))
        shuffled = [self.sentences[place] for place in order]
        traces = zip(*(traces_of(model, shuffled) for model in self.models), strict=True)
        for done, pair in enumerate(traces, start=1):
            yield vectors_of(Sides(*pair), self.unit, self.added).map(list)
            self.progress(done / len(shuffled))


def one_by_one(vectors: Sides[Array]) -> list[Both]:
    """The units of one text as if each were a sentence: what a single text can give, and no more."""
    return [Sides(*(list(side[:, place : place + 1]) for side in vectors)) for place in range(vectors.teacher.shape[1])]


def text_of(file: bytes) -> str:
    """What a text file holds, or an `AnalysisError` where it holds something else."""
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnalysisError(
            f"Byte {error.start + 1:,} of the file is no UTF-8; save it as plain text in UTF-8."
        ) from error


def own_lines(text: str) -> tuple[str, ...]:
    """The lines of a pasted text as sentences, each once and none empty. `AnalysisError` where they are too many."""
    if text.strip():
        check_text("Sentences", text, MOST_CHARACTERS)
    lines = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(lines) > MOST_LINES:
        raise AnalysisError(f"The text has {len(lines):,} lines; at most {MOST_LINES:,} lines are read here.")
    return lines
