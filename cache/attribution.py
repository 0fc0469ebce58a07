"""Attributions and their quality, remembered: each belongs to one checkpoint, one text and one target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.attribution import faithfulness, methods
from analysis.attribution import robustness as robustness_measures
from analysis.attribution.baselines import DEFAULT_BASELINE
from analysis.attribution.faithfulness import FaithfulnessCurves
from analysis.attribution.methods import Attribution
from analysis.attribution.robustness import Robustness
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import Checkpoint
from analysis.predictions import probability
from analysis.predictions.probability import TargetScore
from analysis.predictions.targets import Target
from analysis.progress import Progress, silent
from cache.keys import result_key
from cache.loaded_models import model
from cache.remember import Value, compute_queue, fingerprint, remembered


@dataclass(frozen=True, slots=True)
class AttributionRequest:
    """What is attributed: a target's score in a checkpoint on a checked example, from a baseline; all strings."""

    checkpoint: Checkpoint
    example: Example
    target: Target
    baseline: str = DEFAULT_BASELINE


def attribution(request: AttributionRequest, method: str, progress: Progress = silent) -> Attribution:
    """How much each word contributes; `progress` is called with an upper bound of the share done."""
    return _remembered(
        f"attribution by {method}",
        Attribution,
        request,
        lambda model: methods.attribute(model, request.example, request.target, method, request.baseline, progress),
    )


def score_target(request: AttributionRequest) -> TargetScore:
    """The target's score and probability in a checkpoint."""
    return _remembered(
        "target score",
        TargetScore,
        request,
        lambda model: probability.score_target(model, request.example, request.target),
    )


def by_baseline(request: AttributionRequest, method: str, baselines: Sequence[str]) -> tuple[Attribution, ...]:
    """One method from each of these baselines, for `baseline_agreement`."""
    requests = [
        AttributionRequest(request.checkpoint, request.example, request.target, baseline) for baseline in baselines
    ]
    return tuple(attribution(each, method) for each in requests)


def faithfulness_curves(
    request: AttributionRequest, by: Sequence[str], perturbation: str, progress: Progress = silent
) -> FaithfulnessCurves:
    """How faithful these methods are on a text; `progress` is called once their attributions are computed."""
    attributions = [attribution(request, method) for method in by]
    return _remembered(
        f"faithfulness by {perturbation} of {', '.join(by)}",
        FaithfulnessCurves,
        request,
        lambda model: faithfulness.faithfulness_curves(
            model, request.example, request.target, attributions, perturbation, progress
        ),
    )


def robustness(request: AttributionRequest, method: str, progress: Progress = silent) -> Robustness:
    """How stable and how predictive a method is on a text; `progress` is called with the share done."""
    return _remembered(
        f"robustness of {method}",
        Robustness,
        request,
        lambda model: robustness_measures.robustness(
            model, request.example, request.target, method, request.baseline, progress
        ),
    )


def _remembered(
    analysis: str, value_type: type[Value], request: AttributionRequest, compute: Callable[[Model], Value]
) -> Value:
    task = request.example.task
    key = result_key(
        checkpoints=[fingerprint(request.checkpoint, task)],
        task=task,
        texts=request.example.texts,
        analysis=analysis,
        options={"target": str(request.target), "baseline": request.baseline},
    )

    def computed() -> Value:
        loaded = model(request.checkpoint, task)  # before taking the turn: a slow download must not hold up the others
        with compute_queue().acquire():
            return compute(loaded)

    return remembered(key, value_type, computed)
