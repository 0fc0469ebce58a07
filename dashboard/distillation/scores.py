"""The tab Scores: every metric of every side."""

from __future__ import annotations

import streamlit as st

from analysis.distillation.metrics import PERPLEXITY, SHARE, in_words, metric_named, points
from analysis.distillation.record import Experiment, MetricValue
from analysis.distillation.report import scores_sentence
from dashboard.charts import distillation as charts
from dashboard.distillation.rows import INTERVAL, OVERLAP, cells, plot
from dashboard.ui import markup
from dashboard.ui.figures import drawn


def scores(experiment: Experiment) -> None:
    """Every metric of every side with its interval, one chart per unit."""
    rows = experiment.measurements
    if not rows:
        return
    st.subheader("What each side scores")
    if found := scores_sentence(experiment):
        st.html(markup.note(found))
    if any(metric_named(row.metric).unit == SHARE for row in rows):
        plot(drawn(charts.scores, rows, SHARE), "shares")
    st.caption(
        f"Farther right is better. {INTERVAL}",
        help=f"{OVERLAP} Accuracy is the share of correct answers. Precision is the share of the model's findings that "
        "are correct, recall the share of the correct ones that it found, and F1 their harmonic mean; an exact match "
        "allows no word too many or too few. “Our own sentences” are a few that a person answers without effort; they "
        "are few, so their intervals are wide.",
    )
    if any(metric_named(row.metric).unit == PERPLEXITY for row in rows):
        plot(drawn(charts.scores, rows, PERPLEXITY), "perplexity")
        st.caption(
            "Perplexity measures how uncertain a model is about a masked word. Lower is better.",
            help="At 20 it is as uncertain as if it chose among 20 equally likely words.",
        )
    header = ("Task", "Metric", "Side", "Value [interval]", "Difference from the teacher [interval]", "Examples")
    with st.expander("Data table"):
        st.html(markup.table(header, [_score_cells(experiment, row) for row in rows], (3, 4, 5)))


def _score_cells(experiment: Experiment, row: MetricValue) -> tuple[str, ...]:
    """A score and, if it is the student's, its difference from the teacher's, which has an interval of its own."""
    wanted = (row.task, row.metric) if row.side == "student" else None
    less = next((row for row in experiment.differences if (row.task, row.metric) == wanted), None)
    *names, side, value, examples = cells(row)
    shares = metric_named(row.metric).unit == SHARE
    difference = "–" if less is None else points(less) if shares else in_words(less)
    return *names, side, value, difference, examples
