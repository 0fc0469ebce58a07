"""Question answering: SQuAD 1.1, scored by its script's exact match and F1 on what the dashboard would answer."""

from __future__ import annotations

import json
import lzma
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Encoding
from transformers import AutoModelForQuestionAnswering, PreTrainedTokenizerBase

from .adapters import base_of
from .bootstrap import Array, Statistic, kappa, mean_of
from .evaluate import Evaluation
from .finetune import Encoded, TaskRecipe
from .shown import shown_answers

# Functions import `analysis` late: training itself is carried to machines that have nothing else of the project.

MOST_QUESTIONS = 2_000  # measured unless the command line says otherwise: all 10,570 take 40 minutes on two cores
ENCODED_AT_ONCE = 1_000  # the tokenizer's records of all questions together would take gigabytes
PUNCTUATION = str.maketrans("", "", string.punctuation)
ARTICLES = re.compile(r"\b(a|an|the)\b")


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a context. `answer` begins at the character `start` of it; `answers` are all that count."""

    question: str
    context: str
    answer: str
    start: int
    answers: tuple[str, ...]

    @property
    def end(self) -> int:
        """The character behind the answer."""
        return self.start + len(self.answer)


def read_squad(data: Path, part: str) -> list[Question]:
    """The questions of a part; of the training part those whose answer occurs once, so that its place is certain."""
    articles = json.loads(lzma.decompress((data / "squad_v1" / part).read_bytes()))["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    read = [(row, question_of(paragraph["context"], row)) for paragraph in paragraphs for row in paragraph["qas"]]
    return [question for row, question in read if not part.startswith("train") or surest(row)["n_occurrences"] == 1]


def surest(row: dict[str, Any]) -> dict[str, Any]:
    """The answer that occurs least often in the context: the one whose place is least in doubt."""
    return min(row["answers"], key=lambda answer: answer["n_occurrences"])


def question_of(context: str, row: dict[str, Any]) -> Question:
    """One question of the file."""
    answer, answers = surest(row), tuple(dict.fromkeys(each["text"] for each in row["answers"]))
    return Question(row["question"], context, answer["text"], answer["answer_start"], answers)


def windows(
    tokenizer: PreTrainedTokenizerBase, examples: Sequence[Question], length: int
) -> Iterator[tuple[int, Encoding]]:
    """The number of an example and a window of it, in order: neighbours share a third of `length` tokens of context.

    Raises `ValueError` where a question leaves a window no more room than that.
    """
    stride = length // 3
    for begin in range(0, len(examples), ENCODED_AT_ONCE):
        part = examples[begin : begin + ENCODED_AT_ONCE]
        questions = [example.question for example in part]
        longest = max(map(len, tokenizer(questions, add_special_tokens=False)["input_ids"]))
        if length - longest - 3 <= stride:  # 3: [CLS] and [SEP] twice
            raise ValueError(f"A question has {longest} tokens: windows of {length} have too little room for context")
        encoding = tokenizer(
            questions,
            [example.context for example in part],
            truncation="only_second",
            max_length=length,
            stride=stride,
            return_overflowing_tokens=True,
        )
        for number, window in zip(encoding["overflow_to_sample_mapping"], encoding.encodings, strict=True):
            yield begin + number, window


def target(window: Encoding, example: Question) -> tuple[int, int] | None:
    """The first and the last token of the answer, or None where the window does not hold all of it."""
    places = zip(window.offsets, window.sequence_ids, strict=True)
    context = [(at, *offsets) for at, (offsets, field) in enumerate(places) if field == 1]
    if context[0][1] > example.start or context[-1][2] < example.end:
        return None
    inside = [at for at, start, end in context if start < example.end and end > example.start]
    return (inside[0], inside[-1]) if inside else None


def encode_squad(tokenizer: PreTrainedTokenizerBase, examples: Sequence[Question], length: int) -> Encoded:
    """For each question the first window that holds its answer, and where; a question without one is left out."""
    ids, segments, starts, ends, last = [], [], [], [], -1
    for number, window in windows(tokenizer, examples, length):
        place = target(window, examples[number]) if number != last else None
        if place is None:
            continue
        ids.append(window.ids)
        segments.append(window.type_ids)
        starts.append(place[0])
        ends.append(place[1])
        last = number
    return Encoded(ids, segments, {"start_positions": starts, "end_positions": ends})


def normalised(text: str) -> str:
    """The answer without case, punctuation, articles and extra space, as SQuAD's script compares it.

    >>> normalised("The U.S.  Navy!")
    'us navy'
    """
    return " ".join(ARTICLES.sub(" ", text.lower().translate(PUNCTUATION)).split())


def exact_match(answer: str, gold: str) -> float:
    """1 where both are the same after normalising."""
    return float(normalised(answer) == normalised(gold))


def word_f1(answer: str, gold: str) -> float:
    """The F1 of the answer's words, each counted as often as it stands there; 0 where none is shared."""
    given, right = normalised(answer).split(), normalised(gold).split()
    shared = sum((Counter(given) & Counter(right)).values())
    return 2 * shared / (len(given) + len(right)) if shared else 0.0


METRICS: dict[str, Callable[[str, str], float]] = {"exact_match": exact_match, "f1": word_f1}


def best(metric: Callable[[str, str], float], answer: str, golds: Sequence[str]) -> float:
    """The metric against the gold answer that suits it best."""
    return max(metric(answer, gold) for gold in golds)


def spans_shown(
    task: str, recipe: TaskRecipe, folder: Path, examples: Sequence[Question], device: torch.device
) -> list[list[int]]:
    """The first and the last character + 1 of what the dashboard shows first for each question.

    Its own windows and its own decoding are used; `device` is not: the dashboard has the CPU.
    """
    from analysis.inputs.examples import Example
    from analysis.models.model import load
    from analysis.models.pairs import Checkpoint

    base = json.loads((base_of(folder) / "config.json").read_text(encoding="utf-8"))
    model = load(Checkpoint(str(folder), base["model_type"]), task)
    asked = [Example(task, example.question, example.context) for example in examples]
    first = [shown.answers[0] for shown in shown_answers(model, asked)]
    return [[answer.start, answer.end] for answer in first]


def span_scores(examples: Sequence[Question], spans: Sequence[list[int]]) -> dict[str, Statistic]:
    """Exact match and F1 of the answers."""
    ones = np.ones(len(examples))
    return {name: mean_of(scored(metric, spans, examples), ones) for name, metric in METRICS.items()}


def scored(metric: Callable[[str, str], float], spans: Sequence[list[int]], examples: Sequence[Question]) -> Array:
    """The metric of each answer, [question]."""
    answers = [example.context[start:end] for (start, end), example in zip(spans, examples, strict=True)]
    return np.array([best(metric, answer, each.answers) for answer, each in zip(answers, examples, strict=True)])


def marked_words(example: Question, span: Sequence[int]) -> Array:
    """For each word of the context whether the answer holds it, [word]."""
    from analysis.inputs.words import words_of

    start, end = span
    return np.array([start <= word.start and word.end <= end for word in words_of(example.context)])


def spans_together(
    examples: Sequence[Question], first: Sequence[list[int]], second: Sequence[list[int]]
) -> dict[str, Statistic]:
    """Agreement of the answered stretches, and kappa of the context's words as inside or outside the answer.

    Stretches of different contexts are no common set of labels, which kappa needs.
    """
    units = len(examples)
    same = np.array([list(one) == list(other) for one, other in zip(first, second, strict=True)], float)
    marks = [[marked_words(*each) for each in zip(examples, spans, strict=True)] for spans in (first, second)]
    question = np.repeat(np.arange(units), [len(each) for each in marks[0]])
    by_word = kappa(np.concatenate(marks[0]), np.concatenate(marks[1]), question, units)
    return {"agreement": mean_of(same, np.ones(units)), "kappa": by_word}


EVALUATION = Evaluation(spans_shown, span_scores, spans_together, MOST_QUESTIONS)

RECIPE = TaskRecipe(
    source="SQuAD 1.1, questions about Wikipedia paragraphs (CC BY-SA 4.0)",
    labels=("start", "end"),
    head=AutoModelForQuestionAnswering,
    read=read_squad,
    encode=encode_squad,
    parts=("train.json.xz", "dev.json.xz"),
    length=384,  # BERT's: 98% of the contexts are one window, as in the dashboard
    epochs=2,
    peak=8e-4,
    rank=32,
)
