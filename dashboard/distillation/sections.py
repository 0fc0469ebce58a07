"""Panels of the page on the experiment, for readers who have never trained a model."""

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
from analysis.distillation.record import ABLATION, CURVES, EVALUATION, SHORT, Curve, Experiment, Line, Measurement
from analysis.distillation.report import findings, seed_sentences
from analysis.distillation.steps import steps
from analysis.literature import PUBLISHED
from dashboard.charts import distillation as charts
from dashboard.charts.distillation import NAME
from dashboard.ui import markup
from dashboard.ui.figures import chart

CARD = "checkpoints/README.md"
TABLE_ROWS = 12  # of a curve, in the table beside it
INTERVAL = (
    "The line through a dot is its interval: if we had drawn other test examples of the same kind, the result would in "
    "19 of 20 cases lie about there. Where two intervals overlap widely, do not read much into the difference."
)


def finding(experiment: Experiment) -> None:
    """What came out, in sentences with intervals."""
    st.subheader("What the student lost")
    st.html(
        markup.note(
            "This page is about the embedded pair, which ships with DistilLens, whichever pair is chosen on the left."
        )
    )
    _paragraphs(findings(experiment) or ("No difference between teacher and student has been measured yet.",))
    st.caption(
        "How to read this: the teacher is the larger model, the student the smaller one that learned from it. A point "
        "is one in a hundred. In brackets stands the interval: if we had drawn other test examples, the "
        "number would in 19 of 20 cases lie about there. Both answered the same examples, so that even a small "
        "difference can be told from chance: a loss is named only if its whole interval is one."
    )


def _paragraphs(sentences: Sequence[str]) -> None:
    st.html("".join(markup.element("p", "", markup.escaped(sentence)) for sentence in sentences))


def kept(experiment: Experiment) -> None:
    """The share kept, task by task, beside what was published of the full-size pair."""
    if not experiment.kept:
        return
    st.subheader("Share of the teacher's score, by task")
    _plot(charts.kept(leading(experiment.kept), PUBLISHED), "kept")
    st.caption(
        f"How to read this: at 100% the student is as good as its teacher. {INTERVAL} Open diamonds are what the "
        "full-size pair kept on the same or on a related task, as published: its authors gave no intervals. Task and "
        "data differ in size, so the two are a comparison of shapes, not of scores. On question answering the "
        "published student was distilled a second time on the task itself, which ours was not."
    )
    rows = [(*_names(row), in_words(row, SHARE), f"{row.n:,}") for row in experiment.kept]
    published = [
        (p.title, f"{p.teacher:g}", f"{p.student:g}", f"{100 * p.kept:.1f}%", p.source.words) for p in PUBLISHED
    ]
    with st.expander("The same as tables"):
        st.html(markup.table(("Task", "Metric", "Kept [interval]", "Examples"), rows, (2, 3)))
        st.html(markup.table(("Published", "Teacher", "Student", "Kept", "Source"), published, (1, 2, 3)))


def scores(experiment: Experiment) -> None:
    """Every metric of every side with its interval, one chart a unit."""
    rows = experiment.measurements
    if not rows:
        return
    st.subheader("What each side scores")
    if any(metric_named(row.metric).unit == SHARE for row in rows):
        _plot(charts.scores(rows, SHARE), "shares")
    st.caption(
        f"How to read this: farther right is better. {INTERVAL} Accuracy is the share of right answers. Of what a "
        "model found, precision is the share that is right; of what there is, recall is the share that it found; F1 "
        "weighs both; an exact match allows no word too many or too few. “Our own "
        "sentences” are a few that a person answers without effort, so their intervals are wide."
    )
    if any(metric_named(row.metric).unit == PERPLEXITY for row in rows):
        _plot(charts.scores(rows, PERPLEXITY), "perplexity")
        st.caption(
            "How to read this: perplexity says how unsure a model is about a hidden word. At 20 it is as unsure as "
            "somebody who must choose among 20 equally likely words. Lower is better."
        )
    header = ("Task", "Metric", "Side", "Value [interval]", "Less the teacher's [interval]", "Examples")
    with st.expander("The same as a table, with the differences"):
        st.html(markup.table(header, [_score_cells(experiment, row) for row in rows], (3, 4, 5)))


def _score_cells(experiment: Experiment, row: Measurement) -> tuple[str, ...]:
    """A score, and how far it is from the teacher's if it is the student's; that has an interval of its own."""
    wanted = (row.task, row.metric) if row.side == "student" else None
    less = next((each for each in experiment.differences if (each.task, each.metric) == wanted), None)
    *names, side, value, examples = _cells(row)
    shares = metric_named(row.metric).unit == SHARE
    difference = "–" if less is None else points(less) if shares else in_words(less)
    return *names, side, value, difference, examples


def together(experiment: Experiment) -> None:
    """How far the two give the same answers."""
    rows = experiment.together
    if not rows:
        return
    st.subheader("Do the two give the same answers?")
    for unit, column in zip((SHARE, KAPPA), st.columns(2), strict=True):
        if any(metric_named(row.metric).unit == unit for row in rows):
            with column:
                chart(charts.scores(rows, unit), f"together {unit}")
    st.caption(
        "How to read this: two models can be right equally often and yet on different examples. On the left, the share "
        "of examples on which both say the same, be it right or wrong. Two that guess at random agree now and then "
        "too: Cohen's kappa takes that away, so that 0 is what chance alone would give and 1 is full agreement. The "
        "lines are intervals as above. Training is partly chance as well: a teacher that was trained once more, from "
        "another random seed, does not always give the same answers either. Only what a student differs by beyond that "
        "is owed to its being a student."
    )
    _paragraphs(seed_sentences(experiment))
    with st.expander("The same as a table"):
        st.html(markup.table(("Task", "Metric", "Side", "Value [interval]", "Examples"), map(_cells, rows), (3, 4)))


def losses(experiment: Experiment) -> None:
    """How the losses fell: the student's three, the teacher's one, and those of the tasks."""
    student, teacher = experiment.curve("student"), experiment.curve("teacher")
    if student:
        st.subheader("How the student learned: its three losses")
        _plot(charts.student_losses(student, teacher), "student")
        st.caption(
            "How to read this: a loss says how wrong the model still is; training lowers it step by step. To the right "
            "the model has read more tokens, which are words or pieces of words. The distillation loss says how much "
            "the student's guesses are spread otherwise than the teacher's (0 where they are the same), the "
            "masked-language loss how surprised it is by the hidden word itself, the cosine how far its last layer "
            "points elsewhere than the teacher's. Diamonds were measured on documents that it never learned from. A "
            "loss of 3 nats is a perplexity of e³ ≈ 20. The dashed line is where the teacher ended. "
            "The lines jump where the text changes" + _text_changes(experiment)
        )
        _curve_table((student,))
    _ablation_losses(experiment)
    if teacher:
        st.subheader("How the teacher learned before")
        _plot(charts.teacher_loss(teacher), "teacher")
        st.caption(
            "How to read this: the loss on hidden words, in nats, against the tokens read. The encoder was published "
            "by others; what begins here is its training on our text, with a new part that guesses hidden words, so "
            "that the first losses are high and fall fast. Diamonds were measured on documents kept aside, in texts of "
            "one length. The loss may jump where the text changes" + _text_changes(experiment)
        )
        _curve_table((teacher,))


def _ablation_losses(experiment: Experiment) -> None:
    curves = {stage: curve for stage in (SHORT, ABLATION) if (curve := experiment.curve(stage))}
    if len(curves) < 2:
        return
    st.subheader("The same with and without a teacher")
    _plot(charts.ablation_losses(curves), "ablation")
    st.caption(
        "How to read this: two short runs of the student from one start, on one text. One learned from its teacher as "
        "well, the other from the hidden words alone. Lower is better; diamonds were measured on documents kept aside."
    )
    _curve_table(tuple(curves.values()))


def _text_changes(experiment: Experiment) -> str:
    """How long the texts are and how many words are hidden, both of which make guessing harder or easier."""
    words = {"length": experiment.setting("sequences"), "hidden words": experiment.setting("masking")}
    told = "; ".join(f"{name}: {value}" for name, value in words.items() if value)
    return f" ({told})." if told else "."


def task_losses(experiment: Experiment) -> None:
    """How both sides learned each task, folded away."""
    found = {task: _sides_of(experiment, task) for task in dict.fromkeys(row.task for row in experiment.measurements)}
    if not any(found.values()):
        return
    with st.expander("How both learned the tasks"):
        for task, curves in found.items():
            if curves:
                st.markdown(f"**{task_title(task)}**")
                _plot(charts.task_losses(curves), f"learning {task}")
                _curve_table(tuple(curves.values()), folded=False)
        st.caption(
            "How to read this: the loss on the task's training examples; lower is better. Both began with what they "
            "had learned from text, and with a part for the task that knew nothing."
        )


def recipe(experiment: Experiment) -> None:
    """The experiment step by step, its settings, and what it cannot show."""
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
    """What the experiment cannot show, and where the whole record is."""
    st.subheader("What this cannot show")
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
            + "Both models are small, and shares kept by a small teacher's student need not be those of a large one. "
            "The encoder that the teacher started as had been trained by others on text that we do not have; it may "
            "have read some of what we test on, so that “held out” means held out of our training. It is one run of "
            "each, but for the teachers trained twice: another random seed would move the numbers, and the intervals "
            "speak of other test examples only."
        )
    )
    st.caption(
        f"The model card with data, licences and all results is the file {CARD}; the figures on this page are read "
        f"from {EVALUATION} and {CURVES} beside it."
    )


def _plot(figure: go.Figure, key: str) -> None:
    chart(figure, f"experiment {key}")


def _names(row: Measurement) -> tuple[str, str]:
    return task_title(row.task), metric_named(row.metric).title


def _cells(row: Measurement) -> tuple[str, ...]:
    return *_names(row), _side(row), in_words(row), f"{row.n:,}"


def _side(row: Measurement) -> str:
    return "Teacher and student" if row.side is None else NAME.get(row.side, row.side)


def _sides_of(experiment: Experiment, task: str) -> dict[str, Curve]:
    stages = {curve.stage: curve for curve in experiment.curves}
    return {side: stages[f"{task}-{side}"] for side in NAME if f"{task}-{side}" in stages}


def _curve_table(curves: Sequence[Curve], folded: bool = True) -> None:
    """The curves at a few places, as a table."""
    rows = [
        (curve.stage, line.name.replace("_", " "), *cells)
        for curve in curves
        for line in curve.lines
        for cells in _some_points(line)
    ]
    header = ("Stage", "Logged", "Tokens read", "Value")
    if folded:
        with st.expander("The same as a table"):
            st.html(markup.table(header, rows, (2, 3)))
    else:
        st.html(markup.table(header, rows, (2, 3)))


def _some_points(line: Line) -> list[tuple[str, str]]:
    """At most `TABLE_ROWS` points of a line, evenly apart, the last one always among them."""
    count = len(line.values)
    places = sorted({count - 1 - round(i * (count - 1) / TABLE_ROWS) for i in range(TABLE_ROWS)})
    return [(f"{line.tokens[i] / 1e6:.2f} M", f"{line.values[i]:.3f}") for i in places]
