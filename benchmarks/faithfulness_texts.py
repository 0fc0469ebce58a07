"""Short texts from the tasks' test parts, for `benchmarks/faithfulness.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.inputs.examples import Example
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import words_of, words_of_all
from training.questions import Question
from training.recipes import RECIPES

FEWEST_WORDS = 6  # of all texts of an example together


def only_text(example: Any) -> tuple[str, ...]:
    return (example.text,)


def both_texts(example: Any) -> tuple[str, ...]:
    return example.text, example.text_pair


def text_with_entity(example: Any) -> tuple[str, ...]:
    """No text if no entity is marked: if none is found either, no word can be deleted."""
    return (example.text,) if {*example.tags} != {"O"} else ()


def question_and_sentence(example: Question) -> tuple[str, ...]:
    """A question, and the sentence of its context that holds the answer: whole paragraphs cost ten times as much."""
    before = example.context[: example.start].rfind(". ")
    after = example.context.find(". ", example.end)
    return example.question, example.context[before + 2 if before >= 0 else 0 : after + 1 if after >= 0 else None]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that the task `of` reads, and the texts of each of its examples: at most `most` words, to save time."""

    of: str
    part: str
    texts: Callable[[Any], tuple[str, ...]]
    most: int


SOURCES: dict[str, Source] = {
    "sentiment": Source("sentiment", "dev.tsv", only_text, 12),
    "entities": Source("entities", "test.bio.xz", text_with_entity, 12),
    "fill-mask": Source("entities", "dev.bio.xz", only_text, 10),
    "sentence-pair": Source("sentence-pair", "dev.tsv.xz", both_texts, 19),
    "question-answering": Source("question-answering", "dev.json.xz", question_and_sentence, 18),
}


def drawn(task: str, data: Path, pieces: Collection[str], seed: int) -> Iterator[Example]:
    """The examples of the right length in random order, each once; for fill-mask with a word masked."""
    source, generator = SOURCES[task], np.random.default_rng(seed)
    read = map(source.texts, RECIPES[source.of].read(data, source.part))
    texts = [each for each in dict.fromkeys(read) if FEWEST_WORDS <= len(words_of_all(each)) <= source.most]
    for number in generator.permutation(len(texts)):
        chosen = masked_in(texts[number][0], pieces, generator) if TASKS[task].needs_mask else texts[number]
        if chosen:
            yield Example(task, *chosen)


def masked_in(text: str, pieces: Collection[str], generator: np.random.Generator) -> tuple[str, ...]:
    """The text with one word masked that is a single piece of the vocabulary; () if there is none."""
    candidates = [word for word in words_of(text) if word.text.isalpha() and word.text.lower() in pieces]
    if not candidates:
        return ()
    word = candidates[generator.integers(len(candidates))]
    return (text[: word.start] + MASK + text[word.end :],)
