"""The tab Training: how the losses fell."""

from __future__ import annotations

import streamlit as st

from analysis.distillation.metrics import task_title
from analysis.distillation.record import ABLATION, SHORT, Curve, Experiment
from analysis.distillation.report import training_sentence
from dashboard.charts import distillation as charts
from dashboard.charts.distillation import NAME
from dashboard.distillation.rows import curve_table, plot
from dashboard.ui import markup
from dashboard.ui.figures import drawn


def training(experiment: Experiment) -> None:
    """The student's three losses, the short runs with and without a teacher; folded: the teacher's, and the tasks'."""
    _student(experiment)
    _with_and_without(experiment)
    if curves := [curve for stage in ("student", SHORT, ABLATION) if (curve := experiment.curve(stage))]:
        with st.expander("Data table"):
            curve_table(curves)
    _teacher(experiment)
    _tasks(experiment)


def _student(experiment: Experiment) -> None:
    student, teacher = experiment.curve("student"), experiment.curve("teacher")
    if student is None:
        return
    st.subheader("How the student learned: its three losses")
    if found := training_sentence(experiment):
        st.html(markup.note(found))
    plot(drawn(charts.student_losses, student, teacher), "student")
    st.caption(
        "A loss measures how wrong the model still is; training lowers it. Diamonds were measured on held-out "
        "documents; dashed: the teacher's final loss.",
        help="The horizontal axis counts the tokens read, which are words or pieces of words. The distillation loss "
        "measures how far the student's predicted distribution is from the teacher's (0 if they are the same), the "
        "masked-language loss how surprised the student is by the masked word itself, and the cosine loss how far its "
        "last layer points in another direction than the teacher's. A loss of 3 nats is a perplexity of e³ ≈ 20. The "
        "lines jump where the text changes" + _text_changes(experiment),
    )


def _with_and_without(experiment: Experiment) -> None:
    curves = {stage: curve for stage in (SHORT, ABLATION) if (curve := experiment.curve(stage))}
    if len(curves) < 2:
        return
    st.subheader("The same with and without a teacher")
    plot(drawn(charts.ablation_losses, curves), "ablation")
    st.caption(
        "Two short runs of the student: one also learned from its teacher, the other from the masked words alone. "
        "Lower is better.",
        help="Both began with the same initialisation and read the same text. Diamonds were measured on held-out "
        "documents.",
    )


def _teacher(experiment: Experiment) -> None:
    teacher = experiment.curve("teacher")
    if teacher is None:
        return
    folded = st.expander("How the teacher learned before", key="experiment of the teacher", on_change="rerun")
    if folded.open:
        with folded:
            plot(drawn(charts.teacher_loss, teacher), "teacher")
            st.caption(
                "The loss on masked words, in nats, against the tokens read. Diamonds were measured on held-out "
                "documents, in texts of one length.",
                help="The encoder was published by others; here it was trained further on our text with a new "
                "masked-language head, so the first losses are high and fall fast. The loss may jump where the text "
                "changes" + _text_changes(experiment),
            )
            curve_table((teacher,))


def _tasks(experiment: Experiment) -> None:
    tasks = {task: _sides_of(experiment, task) for task in dict.fromkeys(row.task for row in experiment.measurements)}
    if not any(tasks.values()):
        return
    folded = st.expander("How both learned the tasks", key="experiment of the tasks", on_change="rerun")
    if folded.open:
        with folded:
            for task, curves in tasks.items():
                if curves:
                    st.markdown(f"**{task_title(task)}**")
                    plot(drawn(charts.task_losses, curves), f"learning {task}")
                    curve_table(tuple(curves.values()))
            st.caption(
                "The loss on the task's training examples; lower is better. Both models started from their pre-trained "
                "weights with a new task head."
            )


def _text_changes(experiment: Experiment) -> str:
    """The length of the texts and the share of masked words, which both change how hard the prediction is."""
    labels = {"length": experiment.setting("sequences"), "masked words": experiment.setting("masking")}
    changes = "; ".join(f"{name}: {value}" for name, value in labels.items() if value)
    return f" ({changes})." if changes else "."


def _sides_of(experiment: Experiment, task: str) -> dict[str, Curve]:
    stages = {curve.stage: curve for curve in experiment.curves}
    return {side: stages[f"{task}-{side}"] for side in NAME if f"{task}-{side}" in stages}
