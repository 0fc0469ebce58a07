"""What is known of a pair when its claims are judged. Whatever is not known is None, and its claims say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analysis.architecture import Architecture
from analysis.experiment import CURVES, EVALUATION, Experiment, read_experiment
from analysis.latency.values import LatencyProfile
from analysis.pairs import Checkpoint, Sides


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each claim is judged by: sizes of both models as loaded for `task`, records of their training, profiles.

    `tasks` are those that the pair has checkpoints for; `trained` is False for random weights. `profiles` are by the
    precision that they were measured in: a profile, or a sentence on why there is none.
    """

    task: str
    sizes: Sides[Architecture]
    tasks: tuple[str, ...]
    trained: bool
    experiment: Experiment | None = None
    profiles: Mapping[str, LatencyProfile | str] = field(default_factory=dict)


def recorded(sides: Sides[Checkpoint], task: str) -> Experiment | None:
    """The records that lie beside two checkpoints as `training` publishes them; None for checkpoints from elsewhere.

    Both must be where the records say they are: `<folder>/<task>/teacher` and `<folder>/<task>/student`.
    """
    folders = {_records_of(checkpoint, task, side) for side, checkpoint in sides.items()}
    folder = folders.pop()
    return None if folders or folder is None else read_experiment(folder)


def _records_of(checkpoint: Checkpoint, task: str, side: str) -> Path | None:
    folder = Path(checkpoint.source)
    root = folder.parent.parent
    there = folder == root / task / side and (root / EVALUATION).is_file() and (root / CURVES).is_file()
    return root if there else None
