"""The tab Same answers: how often teacher and student agree."""

from __future__ import annotations

import streamlit as st

from analysis.distillation.metrics import KAPPA, SHARE, metric_named
from analysis.distillation.record import Experiment
from analysis.distillation.report import seed_sentences
from dashboard.charts import distillation as charts
from dashboard.distillation.rows import cells, paragraphs
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn


def same_answers(experiment: Experiment) -> None:
    """How often the two give the same answers, beside two trainings of the teacher."""
    rows = experiment.together
    if not rows:
        return
    st.subheader("Do teacher and student give the same answers?")
    paragraphs(seed_sentences(experiment))
    for unit, column in zip((SHARE, KAPPA), st.columns(2), strict=True):
        if any(metric_named(row.metric).unit == unit for row in rows):
            with column:
                chart(drawn(charts.scores, rows, unit), f"together {unit}")
    st.caption(
        "Two models can be right equally often, but on different examples. Left: the share of same answers, right or "
        "wrong. Right: the same, corrected for chance.",
        help="Models that guess at random also agree sometimes; Cohen's kappa corrects for that: 0 is chance "
        "agreement, 1 full agreement. The lines are 95% CI over test examples. Training is partly random too: a "
        "teacher trained again from another random seed does not always give the same answers either. Only differences "
        "beyond that are due to distillation.",
    )
    with st.expander("Data table"):
        st.html(markup.table(("Task", "Metric", "Side", "Value [interval]", "Examples"), map(cells, rows), (3, 4)))
