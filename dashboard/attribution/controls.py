"""The reader's choices on the page Attributions: the target, the method and the baseline, all kept in the URL."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.measured import baseline_gain
from analysis.attribution.methods import METHODS, Attribution
from analysis.models.pairs import Sides
from analysis.predictions.targets import Target
from cache import attribution as remembered
from cache.attribution import AttributionRequest
from cache.predictions import prediction
from dashboard import address
from dashboard.attribution.target_picker import target_picker
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES


@dataclass(frozen=True, slots=True)
class Controls:
    """What both models' attributions are computed for: a target of a question, by one method, from one baseline."""

    question: Question
    target: Target
    method: str
    baseline: str

    @property
    def requests(self) -> Sides[AttributionRequest]:
        return self.question.sides.map(
            lambda checkpoint: AttributionRequest(checkpoint, self.question.example, self.target, self.baseline)
        )

    def attributions(self, method: str | None = None) -> Sides[Attribution]:
        """Both models' attributions, by the chosen method or another."""
        by = method or self.method
        attributions = []
        for name, request in zip(NAMES, self.requests, strict=True):
            with progress_bar(f"{name}: {by.lower()} …") as progress:
                attributions.append(remembered.attribution(request, by, progress))
        return Sides(*attributions)


def controls(question: Question) -> Controls:
    """Draws the choices and returns them."""
    predictions = question.sides.map(lambda checkpoint: prediction(checkpoint, question.example))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = target_picker(predictions)
        method = address.choose(st.selectbox, "Method", METHODS, "method", width=200)
        baseline = address.choose(
            st.selectbox,
            "Baseline",
            BASELINES,
            "baseline",
            default=DEFAULT_BASELINE,
            width=140,
            help="What a word is compared with: " + "; ".join(f"{key}: {row.about}" for key, row in BASELINES.items()),
        )
    if len({prediction.answer_key for prediction in predictions}) > 1:
        st.html(markup.note(f"The models disagree; both are explained for “{target.name}”."))
    st.caption(f"{method}: {METHODS[method].about} ({METHODS[method].paper}).")
    if METHODS[method].from_baseline and (gain := baseline_gain(question.example.task, baseline)):
        st.caption(gain.finding)
    return Controls(question, target, method, baseline)
