"""Attributions and their grades are computed once, whatever is asked, and survive a restart."""

from typing import Any

import pytest
import streamlit as st

from analysis.attribution.agreement import over_baselines
from analysis.attribution.baselines import BASELINES
from analysis.attribution.methods import METHODS
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import Checkpoint, Sides
from analysis.predictions.targets import Target, Term
from cache import attribution
from cache import loaded_models as models
from cache.attribution import Attributed

EXAMPLE = Example("sentiment", "a good old film")
POSITIVE = Target((Term("POSITIVE"),), "positive")


pytestmark = pytest.mark.usefixtures("nothing_remembered")


@pytest.fixture
def checkpoint(tiny_pairs: dict[str, Sides[Model]], side: str) -> Checkpoint:
    return getattr(tiny_pairs["sentiment"], side).checkpoint


def everything(asked: Attributed) -> list[Any]:
    told = [attribution.attribution(asked, method) for method in METHODS]
    curves = [attribution.erasure_curves(asked, ("Occlusion", "Saliency"), way) for way in ("[MASK]", "deletion")]
    graded = attribution.robustness(asked, "Saliency")
    stands = attribution.score_target(asked)
    over = over_baselines(attribution.by_baseline(asked, "Occlusion", list(BASELINES)))
    return [
        *(one.scores.tobytes() + one.layers.tobytes() for one in told),
        *(one.removed.tobytes() for one in curves),
        (graded.sensitivity, graded.infidelity),
        (stands.score, stands.probability),
        over.tobytes(),
    ]


def test_all_of_it_survives_a_restart_and_then_needs_no_model(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = attribution.Attributed(checkpoint, EXAMPLE, POSITIVE)
    first = everything(asked)
    st.cache_resource.clear()  # as a new process begins
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("The model was loaded although the result is stored."))
    assert everything(asked) == first


def test_different_questions_are_kept_apart(checkpoint: Checkpoint) -> None:
    told = {
        attribution.attribution(attribution.Attributed(checkpoint, EXAMPLE, target, baseline), method).scores.tobytes()
        for target in (POSITIVE, Target((Term("NEGATIVE"),), "negative"))
        for baseline in ("[MASK]", "corpus mean")
        for method in ("Integrated gradients", "Occlusion")
    }
    assert len(told) == 8


def test_progress_is_heard_and_can_stop_the_work(checkpoint: Checkpoint) -> None:
    asked, shares = attribution.Attributed(checkpoint, EXAMPLE, POSITIVE), []

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attribution.attribution(asked, "Occlusion", stop)
    attribution.attribution(asked, "Occlusion", shares.append)
    assert shares[-1] == 1
