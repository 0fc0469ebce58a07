"""What the reader asks attributions of: the target, the method and the baseline. All of it stands in the URL."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.measured import gained
from analysis.attribution.methods import METHODS, Attribution
from analysis.models.pairs import Sides
from analysis.predictions.targets import Target
from cache import attribution as remembered
from cache import remember as results
from cache.attribution import Attributed
from dashboard.attribution.target_picker import target_picker
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to both models: for what in `target` do the words account, by which method, from which baseline?"""

    question: Question
    target: Target
    method: str
    baseline: str

    @property
    def sides(self) -> Sides[Attributed]:
        return self.question.sides.map(
            lambda checkpoint: Attributed(checkpoint, self.question.example, self.target, self.baseline)
        )

    def told(self, method: str | None = None) -> Sides[Attribution]:
        """Both models' attributions, by the chosen method or another."""
        by = method or self.method
        found = []
        for name, side in zip(NAMES, self.sides, strict=True):
            with progress_bar(f"{name}: {by.lower()} …") as progress:
                found.append(remembered.attribution(side, by, progress))
        return Sides(*found)


def asked(question: Question) -> Asked:
    """Draws the choices and returns them."""
    predictions = question.sides.map(lambda checkpoint: results.prediction(checkpoint, question.example))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = target_picker(predictions)
        method = st.selectbox("Method", list(METHODS), key="method", bind="query-params", width=200)
        baseline = st.selectbox(
            "Baseline",
            list(BASELINES),
            index=list(BASELINES).index(DEFAULT_BASELINE),
            key="baseline",
            bind="query-params",
            width=140,
            help="What a word is compared with: " + "; ".join(f"{key}: {row.about}" for key, row in BASELINES.items()),
        )
    if len({prediction.answer_key for prediction in predictions}) > 1:
        st.html(markup.note("The two answer differently. Both are asked about the same target, chosen above."))
    st.caption(f"{method}: {METHODS[method].about} ({METHODS[method].paper}).")
    if METHODS[method].from_baseline and (gain := gained(question.example.task, baseline)):
        st.caption(gain.finding)
    return Asked(question, target, method, baseline)
