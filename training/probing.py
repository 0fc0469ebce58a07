"""How many of our own sentences each side answers as a person would: the rows of the metric "probes".

`probes.json` holds twenty items a task: `text`, `text_pair` where the task reads two, and `expected`: the words that
may stand at the mask, the label, the entities (all of them and no other) as [text, type], or the answers that count.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from analysis.inputs.examples import Example
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint
from analysis.predictions.correctness import is_correct
from analysis.predictions.heads import predict

from .bootstrap import estimate, mean_of
from .evaluate import PROBES

ITEMS = Path(__file__).resolve().with_name("probes.json")
ARCHITECTURES = {"teacher": "bert", "student": "distilbert"}


def probe_rows(checkpoints: Path) -> list[dict[str, Any]]:
    """{task, metric, side, value, low, high, n} for each published task and side, as `evaluation.json` has its rows."""
    rows = []
    for task, items in read_probes().items():
        for side, architecture in ARCHITECTURES.items():
            folder = checkpoints / side if task == "fill-mask" else checkpoints / task / side
            if folder.is_dir():
                right = answered_right(load(Checkpoint(str(folder), architecture), task), items)
                estimated = estimate(mean_of(right, np.ones(len(right))), len(right))
                rows.append({"task": task, "metric": PROBES, "side": side, **estimated})
    return rows


def read_probes() -> dict[str, list[dict[str, Any]]]:
    """The items of each task."""
    return dict(json.loads(ITEMS.read_text(encoding="utf-8")))


def answered_right(model: Model, items: list[dict[str, Any]]) -> np.ndarray:
    """1 where the model answers an item as a person would, else 0: [item]."""
    predictions = [predict(model, Example(model.task, item["text"], item.get("text_pair"))) for item in items]
    pairs = zip(predictions, items, strict=True)
    return np.array([float(is_correct(prediction, item["expected"])) for prediction, item in pairs])
