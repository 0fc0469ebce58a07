"""The reader's choices on the page Attributions: the target, the method and the baseline, all kept in the URL."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.measured import baseline_gain
from analysis.attribution.methods import METHODS, Attribution
from analysis.models.pairs import Sides
from analysis.predictions.targets import Target
from cache import attribution as remembered
from cache.attribution import AttributionRequest
from cache.predictions import prediction
from dashboard import address
from dashboard.attribution.target_picker import Places, target_picker
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES

ALL_CHOICES = ("method", "baseline")
METHOD = address.Choice(METHODS, "method")
BASELINE = address.Choice(BASELINES, "baseline", DEFAULT_BASELINE)


@dataclass(frozen=True, slots=True)
class Controls:
    """What the attributions are computed for: a target of each model, by one method, from one baseline.

    `place` is beside the choices, for the sentence that matters.
    """

    question: Question
    targets: Sides[Target]
    method: str
    baseline: str
    place: DeltaGenerator

    @property
    def about_one_target(self) -> bool:
        return self.targets.teacher == self.targets.student

    @property
    def requests(self) -> Sides[AttributionRequest]:
        asked = zip(self.question.sides, self.targets, strict=True)
        return Sides(
            *(
                AttributionRequest(checkpoint, self.question.example, target, self.baseline)
                for checkpoint, target in asked
            )
        )

    def attributions(self, method: str | None = None) -> Sides[Attribution]:
        """Both models' attributions, by the chosen method or another."""
        by = method or self.method
        attributions = []
        for name, request in zip(NAMES, self.requests, strict=True):
            with progress_bar(f"{name}: {by.lower()} …") as progress:
                attributions.append(remembered.attribution(request, by, progress))
        return Sides(*attributions)

    def say(self, finding: str) -> None:
        """Shows the sentence that matters, above all figures."""
        self.place.html(markup.element("p", "dl-finding", markup.escaped(finding)))


def choose(question: Question, shown: Container[str] = ALL_CHOICES) -> Controls:
    """Draws the target and those choices that are shown, beside a place for the finding; returns all that is chosen."""
    predictions = question.sides.map(lambda checkpoint: prediction(checkpoint, question.example))
    with st.container(key="attribution_choices"):
        beside, explained, popover = st.columns([9, 5, 2], vertical_alignment="center")
    rest = popover.popover("Method", width="stretch")
    targets = target_picker(predictions, Places(explained, st.container(horizontal=True), rest))
    with rest:
        method = _method("method" in shown)
        baseline = _baseline(question.example.task, "baseline" in shown)
    return Controls(question, targets, method, baseline, beside)


def _method(shown: bool) -> str:
    if not shown:
        return METHOD.value()
    method = METHOD.draw(st.selectbox, "Method")
    st.caption(f"{METHODS[method].about.capitalize()} ({METHODS[method].paper}).")
    return method


def _baseline(task: str, shown: bool) -> str:
    if not shown:
        return BASELINE.value()
    gain = baseline_gain(task, BASELINE.value())
    about = "What a word is compared with: " + "; ".join(f"{key}: {row.about}" for key, row in BASELINES.items()) + "."
    return BASELINE.draw(st.selectbox, "Baseline", help=f"{about} {gain.finding}" if gain else about)
