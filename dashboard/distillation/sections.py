"""The sections of the page Distillation, written for readers who have never trained a model."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from analysis.distillation.metrics import (
    KAPPA,
    PERPLEXITY,
    SHARE,
    in_words,
    leading,
    metric_named,
    points,
    task_title,
)
from analysis.distillation.record import ABLATION, CURVES, EVALUATION, SHORT, Curve, Experiment, Line, MetricValue
from analysis.distillation.report import findings, seed_sentences
from analysis.distillation.steps import steps
from analysis.literature import PUBLISHED
from dashboard.charts import distillation as charts
from dashboard.charts.distillation import NAME
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn

CARD = "checkpoints/README.md"
TABLE_ROWS = 12  # per curve, in its table
INTERVAL = (
    "The line through a dot is its 95% CI over test examples. If two intervals overlap widely, do not read much into "
    "the difference."
)


def finding(experiment: Experiment) -> None:
    """The findings, in sentences with intervals."""
    st.subheader("What the student lost")
    st.html(
        markup.note(
            "This page is about the embedded pair, which ships with DistilLens, whichever pair is selected on the left."
        )
    )
    _paragraphs(findings(experiment) or ("No difference between teacher and student has been measured yet.",))
    st.caption(
        "The teacher is the larger model, the student the smaller one that learned from it. A point is one percentage "
        "point; brackets give the 95% CI over test examples. Both models answered the same examples, so even a small "
        "difference can be told from chance: a loss is reported only if its whole interval is below zero."
    )


def _paragraphs(sentences: Sequence[str]) -> None:
    st.html("".join(markup.element("p", "", markup.escaped(sentence)) for sentence in sentences))


def kept(experiment: Experiment) -> None:
    """The share kept per task, beside the published shares of the full-size pair."""
    if not experiment.kept:
        return
    st.subheader("Share of the teacher's score, by task")
    _plot(drawn(charts.kept, leading(experiment.kept), PUBLISHED), "kept")
    st.caption(
        f"At 100% the student is as good as its teacher. {INTERVAL} Open diamonds are the published shares of the "
        "full-size pair on the same or a related task; its authors gave no intervals. Tasks and data differ in size, "
        "so compare the patterns, not the scores. On question answering the published student was distilled a second "
        "time on the task itself, which ours was not."
    )
    rows = [(*_names(row), in_words(row, SHARE), f"{row.n:,}") for row in experiment.kept]
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
    with st.expander("Data tables"):
        st.html(markup.table(("Task", "Metric", "Kept [interval]", "Examples"), rows, (2, 3)))
        st.html(markup.table(("Published", "Teacher", "Student", "Kept", "Source"), published, (1, 2, 3)))


def scores(experiment: Experiment) -> None:
    """Every metric of every side with its interval, one chart per unit."""
    rows = experiment.measurements
    if not rows:
        return
    st.subheader("What each side scores")
    if any(metric_named(row.metric).unit == SHARE for row in rows):
        _plot(drawn(charts.scores, rows, SHARE), "shares")
    st.caption(
        f"Farther right is better. {INTERVAL} Accuracy is the share of correct answers. Precision is the share of the "
        "model's findings that are correct, recall the share of the correct ones that it found, and F1 their harmonic "
        "mean; an exact match allows no word too many or too few. “Our own sentences” are a few that a person answers "
        "without effort; they are few, so their intervals are wide."
    )
    if any(metric_named(row.metric).unit == PERPLEXITY for row in rows):
        _plot(drawn(charts.scores, rows, PERPLEXITY), "perplexity")
        st.caption(
            "Perplexity measures how uncertain a model is about a masked word: at 20 it is as uncertain as if it chose "
            "among 20 equally likely words. Lower is better."
        )
    header = ("Task", "Metric", "Side", "Value [interval]", "Difference from the teacher [interval]", "Examples")
    with st.expander("Data table, with the differences"):
        st.html(markup.table(header, [_score_cells(experiment, row) for row in rows], (3, 4, 5)))


def _score_cells(experiment: Experiment, row: MetricValue) -> tuple[str, ...]:
    """A score and, if it is the student's, its difference from the teacher's, which has an interval of its own."""
    wanted = (row.task, row.metric) if row.side == "student" else None
    less = next((row for row in experiment.differences if (row.task, row.metric) == wanted), None)
    *names, side, value, examples = _cells(row)
    shares = metric_named(row.metric).unit == SHARE
    difference = "–" if less is None else points(less) if shares else in_words(less)
    return *names, side, value, difference, examples


def together(experiment: Experiment) -> None:
    """How often the two give the same answers."""
    rows = experiment.together
    if not rows:
        return
    st.subheader("Do teacher and student give the same answers?")
    for unit, column in zip((SHARE, KAPPA), st.columns(2), strict=True):
        if any(metric_named(row.metric).unit == unit for row in rows):
            with column:
                chart(drawn(charts.scores, rows, unit), f"together {unit}")
    st.caption(
        "Two models can be right equally often, but on different examples. Left: the share of examples on which both "
        "give the same answer, right or wrong. Models that guess at random also agree sometimes; Cohen's kappa "
        "corrects for that: 0 is chance agreement, 1 full agreement. The lines are 95% CI as above. Training is partly "
        "random too: a teacher trained again from another random seed does not always give the same answers either. "
        "Only differences beyond that are due to distillation."
    )
    _paragraphs(seed_sentences(experiment))
    with st.expander("Data table"):
        st.html(markup.table(("Task", "Metric", "Side", "Value [interval]", "Examples"), map(_cells, rows), (3, 4)))


def losses(experiment: Experiment) -> None:
    """How the losses fell: the student's three, and the teacher's one."""
    student, teacher = experiment.curve("student"), experiment.curve("teacher")
    if student:
        st.subheader("How the student learned: its three losses")
        _plot(drawn(charts.student_losses, student, teacher), "student")
        st.caption(
            "A loss measures how wrong the model still is; training lowers it step by step. The horizontal axis counts "
            "the tokens read, which are words or pieces of words. The distillation loss measures how far the student's "
            "predicted distribution is from the teacher's (0 if they are the same), the masked-language loss how "
            "surprised the student is by the masked word itself, and the cosine loss how far its last layer points in "
            "another direction than the teacher's. Diamonds were measured on held-out documents. A loss of 3 nats is a "
            "perplexity of e³ ≈ 20. The dashed line is the teacher's final loss. "
            "The lines jump where the text changes" + _text_changes(experiment)
        )
        _curve_table((student,))
    _ablation_losses(experiment)
    if teacher:
        st.subheader("How the teacher learned before")
        _plot(drawn(charts.teacher_loss, teacher), "teacher")
        st.caption(
            "The loss on masked words, in nats, against the tokens read. The encoder was published by others; here it "
            "was trained further on our text with a new masked-language head, so the first losses are high and fall "
            "fast. Diamonds were measured on held-out documents, in texts of one length. "
            "The loss may jump where the text changes" + _text_changes(experiment)
        )
        _curve_table((teacher,))


def _ablation_losses(experiment: Experiment) -> None:
    curves = {stage: curve for stage in (SHORT, ABLATION) if (curve := experiment.curve(stage))}
    if len(curves) < 2:
        return
    st.subheader("The same with and without a teacher")
    _plot(drawn(charts.ablation_losses, curves), "ablation")
    st.caption(
        "Two short runs of the student from the same initialisation, on the same text. One also learned from its "
        "teacher, the other from the masked words alone. Lower is better; diamonds were measured on held-out documents."
    )
    _curve_table(tuple(curves.values()))


def _text_changes(experiment: Experiment) -> str:
    """The length of the texts and the share of masked words, which both change how hard the prediction is."""
    labels = {"length": experiment.setting("sequences"), "masked words": experiment.setting("masking")}
    changes = "; ".join(f"{name}: {value}" for name, value in labels.items() if value)
    return f" ({changes})." if changes else "."


def task_losses(experiment: Experiment) -> None:
    """How both sides learned each task, in an expander."""
    tasks = {task: _sides_of(experiment, task) for task in dict.fromkeys(row.task for row in experiment.measurements)}
    if not any(tasks.values()):
        return
    with st.expander("How both learned the tasks"):
        for task, curves in tasks.items():
            if curves:
                st.markdown(f"**{task_title(task)}**")
                _plot(drawn(charts.task_losses, curves), f"learning {task}")
                _curve_table(tuple(curves.values()), folded=False)
        st.caption(
            "The loss on the task's training examples; lower is better. Both models started from their pre-trained "
            "weights with a new task head."
        )


def recipe(experiment: Experiment) -> None:
    """The experiment step by step, and its settings."""
    st.subheader("How the experiment was done")
    items = [
        markup.element("li", "", markup.element("b", "", markup.escaped(f"{step.title}. ")), markup.escaped(step.text))
        for step in steps(experiment)
    ]
    st.html(markup.element("ol", "", *items))
    with st.expander("All settings"):
        st.html(markup.table(("Setting", "Value"), experiment.settings))
        st.html(
            markup.table(("Source of text", "Tokens"), [(name, f"{size:,}") for name, size in experiment.sources], (1,))
        )


def limits(experiment: Experiment) -> None:
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


def _plot(figure: go.Figure, key: str) -> None:
    chart(figure, f"experiment {key}")


def _names(row: MetricValue) -> tuple[str, str]:
    return task_title(row.task), metric_named(row.metric).title


def _cells(row: MetricValue) -> tuple[str, ...]:
    return *_names(row), _side(row), in_words(row), f"{row.n:,}"


def _side(row: MetricValue) -> str:
    return "Teacher and student" if row.side is None else NAME.get(row.side, row.side)


def _sides_of(experiment: Experiment, task: str) -> dict[str, Curve]:
    stages = {curve.stage: curve for curve in experiment.curves}
    return {side: stages[f"{task}-{side}"] for side in NAME if f"{task}-{side}" in stages}


def _curve_table(curves: Sequence[Curve], folded: bool = True) -> None:
    """A table with a few points of each curve."""
    rows = [
        (curve.stage, line.name.replace("_", " "), *cells)
        for curve in curves
        for line in curve.lines
        for cells in _some_points(line)
    ]
    header = ("Stage", "Logged", "Tokens read", "Value")
    if folded:
        with st.expander("Data table"):
            st.html(markup.table(header, rows, (2, 3)))
    else:
        st.html(markup.table(header, rows, (2, 3)))


def _some_points(line: Line) -> list[tuple[str, str]]:
    """At most `TABLE_ROWS` evenly spaced points of a line, the last one always included."""
    count = len(line.values)
    places = sorted({count - 1 - round(i * (count - 1) / TABLE_ROWS) for i in range(TABLE_ROWS)})
    return [(f"{line.tokens[i] / 1e6:.2f} M", f"{line.values[i]:.3f}") for i in places]
