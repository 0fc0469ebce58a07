"""Attributions and their quality are computed once, whatever is requested, and survive a restart."""

from typing import Any

import pytest
import streamlit as st

from analysis.attribution.baselines import BASELINES
from analysis.attribution.methods import METHODS
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import Checkpoint, Sides
from analysis.predictions.targets import Target, Term
from cache import attribution
from cache import loaded_models as models
from cache.attribution import AttributionRequest

EXAMPLE = Example("sentiment", "a good old film")
POSITIVE = Target((Term("POSITIVE"),), "positive")


pytestmark = pytest.mark.usefixtures("nothing_remembered")


@pytest.fixture
def checkpoint(tiny_pairs: dict[str, Sides[Model]], side: str) -> Checkpoint:
    return tiny_pairs["sentiment"][side].checkpoint


def everything(request: AttributionRequest) -> list[Any]:
    attributions = [attribution.attribution(request, method) for method in METHODS]
    curves = [
        attribution.faithfulness_curves(request, ("Occlusion", "Saliency"), perturbation)
        for perturbation in ("[MASK]", "deletion")
    ]
    graded = attribution.robustness(request, "Saliency")
    target_score = attribution.score_target(request)
    over = attribution.baseline_agreement(request, "Occlusion", list(BASELINES))
    return [
        *(one.scores.tobytes() + one.layers.tobytes() for one in attributions),
        *(one.removed.tobytes() for one in curves),
        (graded.sensitivity, graded.infidelity),
        (target_score.score, target_score.probability),
        over.tobytes(),
    ]


def test_all_of_it_survives_a_restart_and_then_needs_no_model(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = AttributionRequest(checkpoint, EXAMPLE, POSITIVE)
    first = everything(request)
    st.cache_resource.clear()  # as a new process begins
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("The model was loaded although the result is stored."))
    assert everything(request) == first


def test_different_questions_are_kept_apart(checkpoint: Checkpoint) -> None:
    scores = {
        attribution.attribution(AttributionRequest(checkpoint, EXAMPLE, target, baseline), method).scores.tobytes()
        for target in (POSITIVE, Target((Term("NEGATIVE"),), "negative"))
        for baseline in ("[MASK]", "corpus mean")
        for method in ("Integrated gradients", "Occlusion")
    }
    assert len(scores) == 8


def test_progress_is_heard_and_can_stop_the_work(checkpoint: Checkpoint) -> None:
    request = AttributionRequest(checkpoint, EXAMPLE, POSITIVE)
    shares: list[Any] = []

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attribution.attribution(request, "Occlusion", stop)
    attribution.attribution(request, "Occlusion", shares.append)
    assert shares[-1] == 1
