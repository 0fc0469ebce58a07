"""What is known about a pair when its claims are judged. What is not known is None, and the claims say so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.distillation.record import CURVES, EVALUATION, Experiment, read_experiment
from analysis.models.architecture import Architecture
from analysis.models.pairs import Checkpoint, Sides, folder_of
from analysis.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Timing:
    """How many `times` as fast as its teacher a student is, and the `conditions` under which both were measured."""

    times: Estimate
    conditions: str


@dataclass(frozen=True, slots=True)
class Speed:
    """The measured speed of both models in two number formats; a sentence instead if there is no conclusive result.

    `operations` and `peak_bytes` (memory in addition to the weights) are of one forward pass over the same text; None
    if the models do not read so long a text.
    """

    floats: Timing | str
    integers: Timing | str
    operations: Sides[int] | None = None
    peak_bytes: Sides[int] | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence that claims are judged by: both models' sizes as loaded for `task`, training records, and speed.

    `tasks` are those for which the pair has checkpoints; `trained` is False for random weights.
    """

    task: str
    sizes: Sides[Architecture]
    tasks: tuple[str, ...]
    trained: bool
    experiment: Experiment | None = None
    speed: Speed | None = None


def recorded(sides: Sides[Checkpoint], task: str) -> Experiment | None:
    """The records beside two checkpoints, as `training` publishes them; None for checkpoints from elsewhere.

    Both checkpoints must be in the folders that `folder_of` gives for the records.
    """
    folders = {_records_of(checkpoint, task, side) for side, checkpoint in sides.items()}
    folder = folders.pop()
    return None if folders or folder is None else read_experiment(folder)


def _records_of(checkpoint: Checkpoint, task: str, side: str) -> Path | None:
    folder = Path(checkpoint.source)
    complete = (root for root in folder.parents if (root / EVALUATION).is_file() and (root / CURVES).is_file())
    return next((root for root in complete if folder == folder_of(root, task, side)), None)
