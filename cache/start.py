"""What the first page shows of a pair: where it disagrees on its own examples, and why each model says what it does."""

from __future__ import annotations

from analysis.attribution.methods import METHODS, Attribution
from analysis.inputs.examples import Example
from analysis.models.pairs import Checkpoint, Pair, Sides
from analysis.predictions.disagreements import BOTH, Disagreement
from analysis.predictions.resolve import default_target
from analysis.predictions.values import Prediction
from cache.attribution import AttributionRequest, attribution
from cache.predictions import prediction, sample_disagreements

METHOD = next(iter(METHODS))


def disagreements(pair: Pair) -> tuple[Disagreement, ...]:
    """Those of all examples of all tasks that the two answer differently and not both rightly."""
    found = (one for task in pair.checkpoints for one in sample_disagreements(pair.sides(task), task))
    return tuple(one for one in found if one.right != BOTH)


def answers(sides: Sides[Checkpoint], example: Example) -> Sides[Prediction]:
    """Both models' answers to a checked example."""
    return sides.map(lambda checkpoint: prediction(checkpoint, example))


def own_attributions(sides: Sides[Checkpoint], example: Example) -> Sides[Attribution]:
    """How much each word adds to each model's own answer."""

    def own(checkpoint: Checkpoint) -> Attribution:
        target = default_target(prediction(checkpoint, example))
        return attribution(AttributionRequest(checkpoint, example, target), METHOD)

    return sides.map(own)
