"""Attributions and their grades, remembered: each belongs to one checkpoint, one text and one aim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.attribution import faithfulness as erasure
from analysis.attribution import methods
from analysis.attribution import robustness as robust
from analysis.attribution.baselines import DEFAULT_BASELINE
from analysis.attribution.faithfulness import Erasure
from analysis.attribution.integrated_gradients import Progress
from analysis.attribution.methods import Attribution
from analysis.attribution.robustness import Robustness
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import Checkpoint
from analysis.predictions.probability import TargetScore
from analysis.predictions.probability import score_target as standing_of
from analysis.predictions.targets import Target
from cache.keys import result_key
from cache.loaded_models import model
from cache.remember import Value, compute_queue, fingerprint, remembered


@dataclass(frozen=True, slots=True)
class Attributed:
    """What is attributed: what a checkpoint answers about an aim on a checked example, from a baseline; all strings."""

    checkpoint: Checkpoint
    example: Example
    target: Target
    baseline: str = DEFAULT_BASELINE


def _silent(share: float) -> None:
    """For those who do not watch."""


def attribution(asked: Attributed, method: str, progress: Progress = _silent) -> Attribution:
    """What each word accounts for; `progress` hears the share that is done at most."""
    return _remembered(
        f"attribution by {method}",
        Attribution,
        asked,
        lambda model: methods.attribute(model, asked.example, asked.target, method, asked.baseline, progress),
    )


def score_target(asked: Attributed) -> TargetScore:
    """How much a checkpoint holds what it is asked about."""
    return _remembered("standing", TargetScore, asked, lambda model: standing_of(model, asked.example, asked.target))


def by_baseline(asked: Attributed, method: str, baselines: Sequence[str]) -> tuple[Attribution, ...]:
    """The same from each of these baselines, for `over_baselines`."""
    each = [Attributed(asked.checkpoint, asked.example, asked.target, baseline) for baseline in baselines]
    return tuple(attribution(one, method) for one in each)


def erasure_curves(asked: Attributed, by: Sequence[str], way: str, progress: Progress = _silent) -> Erasure:
    """How faithful these methods are on a text; `progress` hears the share that is done once they are computed."""
    told = [attribution(asked, method) for method in by]
    return _remembered(
        f"erasure by {way} of {', '.join(by)}",
        Erasure,
        asked,
        lambda model: erasure.erasure(model, asked.example, asked.target, told, way, progress),
    )


def robustness(asked: Attributed, method: str, progress: Progress = _silent) -> Robustness:
    """How steady a method is on a text, and what it foretells; `progress` hears the share that is done."""
    return _remembered(
        f"robustness of {method}",
        Robustness,
        asked,
        lambda model: robust.robustness(model, asked.example, asked.target, method, asked.baseline, progress),
    )


def _remembered(analysis: str, value_type: type[Value], asked: Attributed, compute: Callable[[Model], Value]) -> Value:
    task = asked.example.task
    key = result_key(
        checkpoints=[fingerprint(asked.checkpoint, task)],
        task=task,
        texts=asked.example.texts,
        analysis=analysis,
        options={"target": str(asked.target), "baseline": asked.baseline},
    )

    def computed() -> Value:
        loaded = model(asked.checkpoint, task)  # before taking the turn: a slow download must not hold up the others
        with compute_queue().acquire():
            return compute(loaded)

    return remembered(key, value_type, computed)
