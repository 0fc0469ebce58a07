"""What the smaller model saves and what it keeps: its size, its speed, and how often it gives the teacher's answers."""

from __future__ import annotations

import streamlit as st

from analysis.distillation.metrics import in_words, noun_of
from analysis.distillation.record import Experiment, MetricValue
from analysis.latency.config import BenchmarkConfig
from analysis.latency.profile import LatencyProfile
from analysis.latency.summary import profile_summary
from cache import latency, measurements, models
from dashboard.frame import Question
from dashboard.latency.wording import elsewhere
from dashboard.measurements import kept, where_and_when
from dashboard.start.opening import link_to
from dashboard.ui import markup

MEASURE = "Measure"
COUNTED = (
    "What counts as one answer: the guess for a masked word, the label of a word, the stretch of text that answers a "
    "question, or the label of a whole text. The texts are held-out test data."
)


def three_numbers(question: Question, experiment: Experiment) -> None:
    """Smaller, faster, same answers: side by side."""
    st.html(markup.element("h2", "dl-part-of-start", "What does it save, and what does it keep?"))
    with st.container(horizontal=True, key="numbers"):
        with st.container(key="smaller"):
            _smaller(question)
        with st.container(key="faster"):
            _faster(question)
        with st.container(key="same_answers"):
            _same_answers(experiment)


def agreements(experiment: Experiment) -> tuple[MetricValue, ...]:
    """How often the two give the same answer, a row per task, the most agreeable task first."""
    rows = [row for row in experiment.together if row.metric == "agreement" and row.side is None]
    return tuple(sorted(rows, key=lambda row: -row.value))


def percent(share: float) -> str:
    """A share as it stands in a headline: “92%”."""
    return f"{100 * share:.0f}%"


def _smaller(question: Question) -> None:
    task = question.example.task
    sizes = question.sides.map(lambda checkpoint: models.architecture(checkpoint, task))
    parameters = sizes.map(lambda size: size.parameters)
    _number(f"{percent(1 - parameters.student / parameters.teacher)} smaller")
    st.caption(
        f"{_millions(parameters.student)} instead of {_millions(parameters.teacher)} million parameters.",
        help=f"{sizes.student.layers} layers instead of {sizes.teacher.layers}. The embeddings of the words, which "
        "both have, are not halved.",
    )


def _millions(parameters: int) -> str:
    return f"{parameters / 1e6:.1f}"


def _faster(question: Question) -> None:
    profile, where = _profile(question)
    if profile is None or profile.inconclusive_reason:
        _number("How much faster?")
        st.caption(profile_summary(profile) if profile else "Not measured yet: it takes a few seconds.")
        link_to("latency", MEASURE, question.example)
    else:
        _number(f"{profile.ratio.value:.1f} times as fast")
        st.caption(
            f"{profile.p50.student.value:.1f} instead of {profile.p50.teacher.value:.1f} ms for this sentence.",
            help=f"{profile_summary(profile)} {where}",
        )
        link_to("latency", f"{MEASURE} here", question.example)


def _profile(question: Question) -> tuple[LatencyProfile | None, str]:
    """The sentence's profile of this session or else the one that ships, and where and when it was measured."""
    example, sides, config = question.example, question.sides, BenchmarkConfig()
    asked = measurements.asked("text", sides, example.task, texts=example.texts, config=config)
    if (own := kept(asked)) and isinstance(own.measured.value, LatencyProfile):
        return own.measured.value, where_and_when(own.measured)
    shipped = latency.shipped_profile(sides, example.task, config, example)
    return shipped, elsewhere(shipped.machine, shipped.started, f"{MEASURE} here") if shipped else ""


def _same_answers(experiment: Experiment) -> None:
    rows = agreements(experiment)
    _number(f"{percent(rows[-1].value)} to {percent(rows[0].value)} same answers")
    by_task = " · ".join(f"{noun_of(row.task)} {percent(row.value)}" for row in rows)
    intervals = "; ".join(f"{noun_of(row.task)} {in_words(row)}" for row in rows)
    st.caption(f"By task: {by_task}.", help=f"With 95% CI: {intervals}. {COUNTED}")


def _number(words: str) -> None:
    st.html(markup.element("p", "dl-number-of-start", markup.escaped(words)))
