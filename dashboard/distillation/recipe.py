"""The tab Recipe and limits: how the experiment was done, and what it cannot show."""

from __future__ import annotations

import streamlit as st

from analysis.distillation.record import CURVES, EVALUATION, Experiment
from analysis.distillation.steps import steps
from dashboard.ui import markup

CARD = "checkpoints/README.md"


def recipe_and_limits(experiment: Experiment) -> None:
    """The experiment step by step with its settings, then its limitations."""
    _recipe(experiment)
    _limits(experiment)


def _recipe(experiment: Experiment) -> None:
    """The experiment step by step, and its settings."""
    st.subheader("How the experiment was done")
    with st.container(key="recipe"):
        st.html(listed_steps(experiment))
    with st.expander("All settings"):
        st.html(markup.table(("Setting", "Value"), experiment.settings))
        st.html(
            markup.table(("Source of text", "Tokens"), [(name, f"{size:,}") for name, size in experiment.sources], (1,))
        )


def listed_steps(experiment: Experiment) -> str:
    """The steps as a list."""
    items = [
        markup.element("li", "", markup.element("b", "", markup.escaped(f"{step.title}. ")), markup.escaped(step.text))
        for step in steps(experiment)
    ]
    return markup.element("ol", "", *items)


def _limits(experiment: Experiment) -> None:
    """The limitations of the experiment, and where the full record is."""
    st.subheader("Limitations")
    trained = [curve for curve in experiment.curves if curve.stage in ("teacher", "student")]
    minutes = sum(curve.seconds for curve in trained) / 60
    tokens = sum(curve.tokens for curve in trained) / 1e6
    device = f" on {experiment.device}" if experiment.device else ""
    effort = (
        f"Teacher and student read {tokens:.1f} million tokens here in {minutes:.0f} minutes{device}; the published "
        "student alone was trained for about 90 hours on 8 graphics cards (Sanh et al. 2019). "
    )
    st.html(
        markup.note(
            (effort if trained else "")
            + "Both models are small, and what a small student keeps of its teacher need not carry over to large "
            "models. The teacher's initial encoder was trained by others on text that we do not have; it may have read "
            "some of our test data, so “held out” means held out of our training. There is one run per model, except "
            "for the teachers trained twice: another random seed would change the numbers, and the intervals cover "
            "other test examples only."
        )
    )
    st.caption(
        f"The model card with data, licences and all results is the file {CARD}; the figures on this page are read "
        f"from {EVALUATION} and {CURVES} beside it."
    )
