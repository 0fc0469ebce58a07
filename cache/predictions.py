"""Both models' answers and tokens, remembered: what every page begins with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, words_of
from analysis.models.model import Model
from analysis.models.pairs import Checkpoint, Pair, Sides
from analysis.models.tokens import Tokens, tokenize
from analysis.predictions import joint_filling, own_word
from analysis.predictions.disagreements import Disagreement, disagreements
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.heads import answer_type, decode, predict
from analysis.predictions.joint_filling import JointFillings
from analysis.predictions.own_word import WordAtMask
from analysis.predictions.values import Prediction
from analysis.progress import Progress, silent
from cache import precomputed
from cache.remember import derive, remember, request_for
from cache.traces import known_trace

CANDIDATES, CONTINUES = 8, "##"


@dataclass(frozen=True, slots=True)
class Windows:
    """The token sequences of one example, as one value to remember."""

    tokens: tuple[Tokens, ...]


def prediction(checkpoint: Checkpoint, example: Example) -> Prediction:
    """A model's answer to a checked example; from its trace, if that is in memory."""

    def compute(model: Model) -> Prediction:
        traced = known_trace(checkpoint, example)
        return decode(model, (traced.reading,)) if traced else predict(model, example)

    value: Prediction = remember(
        "prediction",
        answer_type(example.task),
        [(checkpoint, example.task)],
        compute,
        texts=example.texts,
    )
    return value


def word_at_mask(checkpoint: Checkpoint, example: Example, mask: int, word: str) -> WordAtMask:
    """How likely a model holds a word for a mask of a checked example."""
    return remember(
        "word at mask",
        WordAtMask,
        [(checkpoint, example.task)],
        lambda model: own_word.word_at_mask(model, example, mask, word),
        texts=(*example.texts, word),
        options={"mask": mask},
    )


def joint_fillings(checkpoint: Checkpoint, example: Example) -> JointFillings:
    """What a model puts into all masks of a checked example together."""
    return remember(
        "joint fillings",
        JointFillings,
        [(checkpoint, example.task)],
        lambda model: joint_filling.joint_fillings(model, example),
        texts=example.texts,
    )


def sample_disagreements(sides: Sides[Checkpoint], task: str, progress: Progress = silent) -> tuple[Disagreement, ...]:
    """The samples of a task that the two answer differently; asks both about all of them, which `progress` follows."""
    examples, samples = examples_of(task), TASKS[task].samples
    return derive(
        "disagreements",
        (sides, task, *samples),
        lambda: tuple(_answers(sides, examples, progress)),
        lambda answers: disagreements(task, samples, answers),
    )


def _answers(sides: Sides[Checkpoint], examples: list[Example], progress: Progress) -> Iterator[Sides[Prediction]]:
    for place, example in enumerate(examples):
        progress(place / len(examples))
        yield Sides(*(prediction(checkpoint, example) for checkpoint in sides))


def all_samples_ship(sides: Sides[Checkpoint], task: str) -> bool:
    """Whether both models' answers to every sample ship with them, so that no model has to be asked.

    What ships is in folders: a checkpoint of the hub would have to be fetched to be known.
    """
    return all(os.path.isdir(checkpoint.source) for checkpoint in sides) and all(
        precomputed.find(request_for("prediction", [(checkpoint, task)], example.texts)) is not None
        for checkpoint in sides
        for example in examples_of(task)
    )


def examples_of(task: str) -> list[Example]:
    """The task's examples as the pages ask for them, the default first."""
    return [checked(Example(task, sample.text, sample.text_pair)) for sample in TASKS[task].samples]


def candidates(pair: Pair, text: str, word: Word) -> list[str]:
    """What the teacher's fill-mask head would put in the place of a word: whole words, the likeliest first."""
    masked = checked(Example("fill-mask", f"{text[: word.start]}{MASK}{text[word.end :]}"))
    found = cast(MaskPredictions, prediction(pair.sides("fill-mask").teacher, masked))
    place = [mask.start for mask in found.masks].index(word.start)
    return [
        piece
        for piece, _ in found.best(place, 3 * CANDIDATES)
        if piece != word.text.lower() and words_of(piece) and not piece.startswith(CONTINUES)
    ][:CANDIDATES]


def tokens(checkpoint: Checkpoint, example: Example) -> tuple[Tokens, ...]:
    """A checked example as a model's tokens, one sequence a window."""
    windows: Windows = remember(
        "tokens",
        Windows,
        [(checkpoint, example.task)],
        lambda model: Windows(tokenize(model, example)),
        texts=example.texts,
    )
    return windows.tokens
