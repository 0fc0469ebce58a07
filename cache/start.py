"""What the first page shows of a pair: where it disagrees on its own examples, and why each model says what it does."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.attribution.methods import METHODS, Attribution
from analysis.inputs.examples import Example, checked
from analysis.inputs.samples import Sample
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import Checkpoint, Pair, Sides
from analysis.predictions.disagreements import Disagreement, disagreement
from analysis.predictions.resolve import default_target
from analysis.predictions.values import Prediction
from cache.attribution import AttributionRequest, attribution
from cache.predictions import prediction
from cache.remember import derive

METHOD = next(iter(METHODS))


def disagreements(pair: Pair) -> tuple[Disagreement, ...]:
    """Those of all examples of all tasks on which the two part."""
    return derive(
        "disagreements",
        (pair,),
        lambda: list(_answered(pair)),
        lambda answered: tuple(found for each in answered if (found := disagreement(*each))),
    )


def _answered(pair: Pair) -> Iterator[tuple[Sample, Example, Sides[Prediction]]]:
    for task in pair.checkpoints:
        for sample in TASKS[task].samples:
            example = checked(Example(task, sample.text, sample.text_pair))
            yield sample, example, answers(pair.sides(task), example)


def answers(sides: Sides[Checkpoint], example: Example) -> Sides[Prediction]:
    """Both models' answers to a checked example."""
    return sides.map(lambda checkpoint: prediction(checkpoint, example))


def own_attributions(sides: Sides[Checkpoint], example: Example) -> Sides[Attribution]:
    """How much each word adds to each model's own answer."""

    def own(checkpoint: Checkpoint) -> Attribution:
        target = default_target(prediction(checkpoint, example))
        return attribution(AttributionRequest(checkpoint, example, target), METHOD)

    return sides.map(own)
