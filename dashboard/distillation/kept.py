"""The tab What was kept: the findings, and the share of the teacher's score per task."""

from __future__ import annotations

import streamlit as st

from analysis.distillation.metrics import SHARE, in_words, leading
from analysis.distillation.record import Experiment
from analysis.distillation.report import findings
from analysis.literature import PUBLISHED
from dashboard.charts import distillation as charts
from dashboard.distillation.rows import INTERVAL, OVERLAP, names, paragraphs, plot
from dashboard.ui import markup
from dashboard.ui.figures import drawn


def what_was_kept(experiment: Experiment) -> None:
    """What the student lost, in sentences, and what it kept of each score."""
    _findings(experiment)
    _kept(experiment)


def _findings(experiment: Experiment) -> None:
    """The findings, in sentences with intervals."""
    st.subheader("What the student lost")
    st.html(
        markup.note(
            "This page is about the embedded pair, which ships with DistilLens, whichever pair is chosen above."
        )
    )
    paragraphs(findings(experiment) or ("No difference between teacher and student has been measured yet.",))
    st.caption(
        "A point is one percentage point; brackets give the 95% CI over test examples. A loss is reported only if its "
        "whole interval is below zero.",
        help="The teacher is the larger model, the student the smaller one that learned from it. Both models answered "
        "the same examples, so even a small difference can be told from chance.",
    )


def _kept(experiment: Experiment) -> None:
    """The share kept per task, beside the published shares of the full-size pair."""
    if not experiment.kept:
        return
    st.subheader("Share of the teacher's score, by task")
    plot(drawn(charts.kept, leading(experiment.kept), PUBLISHED), "kept")
    st.caption(
        "At 100% the student is as good as its teacher. Open diamonds are the published shares of the full-size pair "
        "on the same or a related task.",
        help=f"{INTERVAL} {OVERLAP} The authors of the full-size pair gave no intervals. Tasks and data differ in "
        "size, so compare the patterns, not the scores. On question answering the published student was distilled a "
        "second time on the task itself, which ours was not.",
    )
    rows = [(*names(row), in_words(row, SHARE), f"{row.n:,}") for row in experiment.kept]
    published = [
        (
            result.title,
            f"{result.teacher:g}",
            f"{result.student:g}",
            f"{100 * result.kept:.1f}%",
            result.source.citation,
        )
        for result in PUBLISHED
    ]
    with st.expander("Data table"):
        st.html(markup.table(("Task", "Metric", "Kept [interval]", "Examples"), rows, (2, 3)))
        st.html(markup.table(("Published", "Teacher", "Student", "Kept", "Source"), published, (1, 2, 3)))
