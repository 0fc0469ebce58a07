"""How steady an attribution is."""

from typing import Any

import numpy as np
import pytest

from analysis.attribution.methods import METHODS
from analysis.attribution.robustness import robustness
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.targets import Target, Term
from tests.support.attributed import linear, target_for
from tests.support.tiny import EXAMPLES


def test_robustness_of_a_linear_model_is_known(tiny_pairs: dict[str, Sides[Model]]) -> None:
    """Its gradient never moves, and its attributions foretell every loss exactly."""
    model = linear(tiny_pairs["sentiment"].student)
    target = Target((Term(model.labels[0]),), "first")
    steady = robustness(model, EXAMPLES["sentiment"], target, "Saliency", "[MASK]")
    exact = robustness(model, EXAMPLES["sentiment"], target, "Integrated gradients", "[MASK]")
    assert steady.sensitivity == pytest.approx(0, abs=1e-6)
    assert exact.infidelity == pytest.approx(0, abs=1e-6)
    assert exact.sensitivity > 0
    assert steady.infidelity > 0.1


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_graded(tiny_pairs: dict[str, Sides[Model]], side: str, method: str) -> None:
    model = tiny_pairs["fill-mask"][side]
    shares: list[Any] = []
    graded = robustness(model, EXAMPLES["fill-mask"], target_for(model), method, progress=shares.append)
    assert np.isfinite([graded.sensitivity, graded.infidelity]).all()
    assert graded.sensitivity > 0  # of a network that is not linear every method sees the embeddings move
    assert graded == robustness(model, EXAMPLES["fill-mask"], target_for(model), method)
    assert shares == sorted(shares)
    assert shares[-1] == 1
