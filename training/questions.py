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
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tokenizers import Encoding
from transformers import AutoModelForQuestionAnswering, PreTrainedTokenizerBase

from .evaluate import AGAIN, SIDES, Array, estimate, kappa, mean_of, score_rows
from .finetune import Encoded, TaskRecipe

if TYPE_CHECKING:
    from analysis.predictions import Answer

# Functions import `analysis` late: training itself is carried to machines that have nothing else of the project.

ARCHITECTURES = {"teacher": "bert", "student": "distilbert", AGAIN: "distilbert"}
MOST_QUESTIONS = 2_000  # measured one by one, as the dashboard reads them
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
    ours, theirs = normalised(answer).split(), normalised(gold).split()
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs)) if shared else 0.0


METRICS: dict[str, Callable[[str, str], float]] = {"exact_match": exact_match, "f1": word_f1}


def best(metric: Callable[[str, str], float], answer: str, golds: Sequence[str]) -> float:
    """The metric against the gold answer that suits it best."""
    return max(metric(answer, gold) for gold in golds)


def sampled(examples: list[Question], most: int) -> list[Question]:
    """At most `most` of the examples: always the same random ones, in the file's order."""
    order = np.random.default_rng(0).permutation(len(examples))[:most]
    return [examples[number] for number in sorted(order)]


def shown_answers(folder: Path, side: str, examples: Sequence[Question]) -> list[Answer]:
    """What the dashboard shows first for each question: on the CPU, its own windows, its own decoding."""
    from analysis.examples import Example
    from analysis.models import load
    from analysis.pairs import Checkpoint
    from analysis.predict import predict

    model = load(Checkpoint(str(folder), ARCHITECTURES[side]), "question-answering")
    examples = [Example("question-answering", example.question, example.context) for example in examples]
    return [predict(model, example).answers[0] for example in examples]


def marked_words(example: Question, answer: Answer) -> Array:
    """For each word of the context whether the answer holds it, [word]."""
    from analysis.words import words_of

    return np.array([answer.start <= word.start and word.end <= answer.end for word in words_of(example.context)])


def evaluate_questions(
    task: str,
    recipe: TaskRecipe,
    data: Path,
    folders: dict[str, Path],
    device: torch.device,
    most: int = MOST_QUESTIONS,
) -> tuple[list[Any], list[Any]]:
    """Rows and pair rows on `most` random questions of the dev part; `device` is not used: the dashboard has the CPU.

    Agreement is that of the answered stretches; kappa that of the context's words as inside or outside the answer,
    since stretches of different contexts are no common set of labels.
    """
    examples = sampled(recipe.read(data, recipe.parts[1]), most)
    answers = {side: shown_answers(folder, side, examples) for side, folder in folders.items()}
    ones = np.ones(len(examples))
    scores = {
        side: {name: mean_of(scored(metric, answers[side], examples), ones) for name, metric in METRICS.items()}
        for side in folders
    }
    rows, kept = score_rows(task, scores, len(examples))
    return rows, [*together(task, examples, answers), *kept]


def scored(metric: Callable[[str, str], float], answers: Sequence[Answer], examples: Sequence[Question]) -> Array:
    """The metric of each answer, [question]."""
    return np.array([best(metric, answer.text, each.answers) for answer, each in zip(answers, examples, strict=True)])


def together(task: str, examples: Sequence[Question], answers: dict[str, list[Answer]]) -> list[dict[str, Any]]:
    """Agreement of the answers, and kappa of the context's words."""
    units = len(examples)
    pairs = list(zip(answers["teacher"], answers["student"], strict=True))
    same = np.array([(ours.start, ours.end) == (theirs.start, theirs.end) for ours, theirs in pairs], float)
    marks = {side: [marked_words(*each) for each in zip(examples, answers[side], strict=True)] for side in SIDES}
    question = np.repeat(np.arange(units), [len(each) for each in marks["teacher"]])
    by_word = kappa(*(np.concatenate(marks[side]) for side in SIDES), question, units)
    return [
        {"task": task, "metric": "agreement", **estimate(mean_of(same, np.ones(units)), units)},
        {"task": task, "metric": "kappa", **estimate(by_word, units)},
    ]


RECIPE = TaskRecipe(
    source="SQuAD 1.1, questions about Wikipedia paragraphs (CC BY-SA 4.0)",
    labels=("start", "end"),
    head=AutoModelForQuestionAnswering,
    read=read_squad,
    encode=encode_squad,
    parts=("train.json.xz", "dev.json.xz"),
    length=384,  # BERT's: 98 % of the contexts are one window, as in the dashboard
    epochs=2,
    peak=8e-4,
    rank=32,
)
