"""What the dashboard answers to many questions: its own windows and decoding, with many windows in one forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from analysis.inputs.examples import Example
    from analysis.models.forward import Reading
    from analysis.models.model import Model
    from analysis.models.tokens import Tokens
    from analysis.predictions.question_answering import SpanPredictions

# Functions import `analysis` late: training itself is carried to machines that have nothing else of the project.

QUESTIONS_AT_ONCE = 500  # whose windows are sorted by their lengths, so that those of a batch need little padding
WINDOWS_AT_ONCE = 16


def shown_answers(model: Model, examples: Sequence[Example]) -> Iterator[SpanPredictions]:
    """What `predict` answers to each question, in their order."""
    from analysis.models.tokens import tokenize
    from analysis.predictions.question_answering import decode

    for begin in range(0, len(examples), QUESTIONS_AT_ONCE):
        part = examples[begin : begin + QUESTIONS_AT_ONCE]
        windows = [tokenize(model, example) for example in part]
        readings = iter(batched_readings(model, [window for several in windows for window in several]))
        for several in windows:
            yield decode(model, tuple(next(readings) for _ in several))


def batched_readings(model: Model, windows: Sequence[Tokens]) -> list[Reading]:
    """What `readings` gives for each window, computed for those of similar length together."""
    order = sorted(range(len(windows)), key=lambda number: len(windows[number]))
    found: dict[int, Reading] = {}
    for begin in range(0, len(order), WINDOWS_AT_ONCE):
        numbers = order[begin : begin + WINDOWS_AT_ONCE]
        found |= dict(zip(numbers, read_together(model, [windows[number] for number in numbers]), strict=True))
    return [found[number] for number in range(len(windows))]


def read_together(model: Model, windows: Sequence[Tokens]) -> list[Reading]:
    """One forward pass for several windows, the shorter ones padded with tokens that no other attends to."""
    import torch

    from analysis.arrays import frozen
    from analysis.models.forward import Reading, columns

    shape = len(windows), max(map(len, windows))
    ids, segments, attended = (np.zeros(shape, dtype=np.int64) for _ in range(3))  # 0 is the id of [PAD]
    for row, window in enumerate(windows):
        ids[row, : len(window)], segments[row, : len(window)] = window.ids, window.segments
        attended[row, : len(window)] = 1
    inputs = columns(model, ids, segments) | {"attention_mask": torch.tensor(attended)}
    with model.lock, torch.inference_mode():
        outputs = model.network(**inputs)
    logits = torch.stack([outputs.start_logits, outputs.end_logits], dim=1).numpy()  # [window, 2, token]
    return [Reading(window, frozen(rows[:, : len(window)])) for window, rows in zip(windows, logits, strict=True)]
