"""Attributions and their quality, remembered: each belongs to one checkpoint, one text and one target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from analysis.arrays import Array
from analysis.attribution import agreement as agreements
from analysis.attribution import edit_effect as edit_effects
from analysis.attribution import faithfulness, layers, methods
from analysis.attribution import robustness as robustness_measures
from analysis.attribution.agreement import Agreement
from analysis.attribution.baselines import DEFAULT_BASELINE
from analysis.attribution.edit_effect import EditEffect
from analysis.attribution.faithfulness import FaithfulnessCurves
from analysis.attribution.layers import LayerFlow
from analysis.attribution.methods import Attribution
from analysis.attribution.robustness import Robustness
from analysis.inputs.edits import Edited
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import Checkpoint, Sides
from analysis.predictions import probability
from analysis.predictions.probability import TargetScore
from analysis.predictions.targets import Target
from analysis.progress import Progress, silent
from cache.allocator import large_blocks_apart
from cache.remember import Value, derive, remember


@dataclass(frozen=True, slots=True)
class AttributionRequest:
    """What is attributed: a target's score in a checkpoint on a checked example, from a baseline; all strings."""

    checkpoint: Checkpoint
    example: Example
    target: Target
    baseline: str = DEFAULT_BASELINE


def attribution(request: AttributionRequest, method: str, progress: Progress = silent) -> Attribution:
    """How much each word contributes; `progress` is called with an upper bound of the share done."""
    return _remember(
        f"attribution by {method}",
        Attribution,
        request,
        lambda model: methods.attribute(model, request.example, request.target, method, request.baseline, progress),
    )


def score_target(request: AttributionRequest) -> TargetScore:
    """The target's score and probability in a checkpoint."""
    return _remember(
        "target score",
        TargetScore,
        request,
        lambda model: probability.score_target(model, request.example, request.target),
    )


def agreement(requests: Sides[AttributionRequest], method: str) -> Agreement:
    """How far both models' attributions agree."""
    return derive("agreement", (requests, method), lambda: _both(requests, method), agreements.agreement)


def layer_flow(requests: Sides[AttributionRequest], method: str) -> LayerFlow:
    """Through which words the score of its target flows in each model, by a method with layers."""
    targets = requests.map(lambda request: request.target)
    return derive(
        "layer flow", (requests, method), lambda: _both(requests, method), lambda both: layers.layer_flow(both, targets)
    )


def edit_effect(
    edit: Edited, before: Sides[AttributionRequest], after: Sides[AttributionRequest], method: str
) -> EditEffect:
    """Both models' attributions before and after an edit, on one scale."""
    return derive(
        "edit effect",
        (edit, before, after, method),
        lambda: (_both(before, method), _both(after, method)),
        lambda both: edit_effects.edit_effect(edit, *both),
    )


def baseline_agreement(request: AttributionRequest, method: str, baselines: Sequence[str]) -> Array:
    """The rank correlation of a method's words between every two of these baselines, [baseline, baseline]."""
    requests = [replace(request, baseline=baseline) for baseline in baselines]
    return derive(
        "agreement of baselines",
        (request, method, *baselines),
        lambda: tuple(attribution(each, method) for each in requests),
        agreements.baseline_agreement,
    )


def _both(requests: Sides[AttributionRequest], method: str) -> Sides[Attribution]:
    return requests.map(lambda request: attribution(request, method))


def faithfulness_curves(
    request: AttributionRequest, by: Sequence[str], perturbation: str, progress: Progress = silent
) -> FaithfulnessCurves:
    """How faithful these methods are on a text; `progress` is called once their attributions are computed."""
    attributions = [attribution(request, method) for method in by]
    return _remember(
        f"faithfulness by {perturbation} of {', '.join(by)}",
        FaithfulnessCurves,
        request,
        lambda model: faithfulness.faithfulness_curves(
            model, request.example, request.target, attributions, perturbation, progress
        ),
    )


def robustness(request: AttributionRequest, method: str, progress: Progress = silent) -> Robustness:
    """How stable and how predictive a method is on a text; `progress` is called with the share done."""
    return _remember(
        f"robustness of {method}",
        Robustness,
        request,
        lambda model: robustness_measures.robustness(
            model, request.example, request.target, method, request.baseline, progress
        ),
    )


def _remember(
    analysis: str, value_type: type[Value], request: AttributionRequest, compute: Callable[[Model], Value]
) -> Value:
    def compute_apart(model: Model) -> Value:
        with large_blocks_apart():
            return compute(model)

    return remember(
        analysis,
        value_type,
        [(request.checkpoint, request.example.task)],
        compute_apart,
        texts=request.example.texts,
        options={"target": str(request.target), "baseline": request.baseline},
    )
