"""Both models' answers and tokens, remembered: what every page begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, words_of
from analysis.models.pairs import Checkpoint, Pair, Sides
from analysis.models.tokens import Tokens, tokenize
from analysis.predictions.comparison import compare
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.heads import head_of, predict
from analysis.predictions.values import Prediction
from cache.keys import content_key
from cache.remember import kept, remember, request_for, shipped

CANDIDATES, CONTINUES = 8, "##"


@dataclass(frozen=True, slots=True)
class Windows:
    """The token sequences of one example, as one value to remember."""

    tokens: tuple[Tokens, ...]


def prediction(checkpoint: Checkpoint, example: Example) -> Prediction:
    """A model's answer to a checked example."""
    value: Prediction = remember(
        "prediction",
        head_of(example.task).prediction,
        [(checkpoint, example.task)],
        lambda model: predict(model, example),
        texts=example.texts,
    )
    return value


def shipped_disagreements(sides: Sides[Checkpoint], task: str) -> tuple[bool, ...]:
    """For each of the task's examples whether the answers that ship are different ones; False where none ship."""

    def look() -> tuple[bool, ...]:
        return tuple(_differ(sides, checked(Example(task, it.text, it.text_pair))) for it in TASKS[task].samples)

    return kept(f"shipped disagreements {content_key(sides, task)}", look)


def _differ(sides: Sides[Checkpoint], example: Example) -> bool:
    task = example.task
    requests = sides.map(lambda checkpoint: request_for("prediction", [(checkpoint, task)], example.texts))
    answers = requests.map(lambda request: shipped(request, head_of(task).prediction))
    return None not in answers and not compare(answers).agree


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
