"""Laws of attribution on the embedded pair: really trained models have rougher paths than random ones."""

import functools

import numpy as np
import pytest

from analysis.attribution.baselines import BASELINES
from analysis.attribution.methods import attribute
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS, Sides
from analysis.predictions.heads import predict
from analysis.predictions.resolve import default_target


@functools.cache
def models(task: str) -> Sides[Model]:
    return PAIRS["embedded"].sides(task).map(lambda checkpoint: load(checkpoint, task))


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize("task", PAIRS["embedded"].checkpoints)
def test_values_add_up_within_one_per_cent(task: str, side: str, baseline: str) -> None:
    sample, pair = TASKS[task].samples[0], models(task)
    example = Example(task, sample.text, sample.text_pair)
    attribution = attribute(pair[side], example, default_target(predict(pair.teacher, example)), baseline=baseline)
    change = attribution.score - attribution.baseline_score
    assert attribution.converged
    assert abs(attribution.scores.sum() + attribution.special_tokens_score - change) <= 0.01 * max(abs(change), 0.1)
    assert np.isfinite(attribution.shares).all()
