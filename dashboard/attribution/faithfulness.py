"""How faithful the methods are: how the score changes without the words that they rank highest."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.attribution.faithfulness import (
    FaithfulnessCurves,
    most_faithful,
    most_faithful_with_numbers,
    seconds_to_grade,
)
from analysis.attribution.measured import AverageGrade, average_grades
from analysis.attribution.methods import METHODS
from analysis.attribution.occlusion import PERTURBATIONS
from analysis.models.pairs import Sides
from analysis.predictions.targets import LOGITS
from cache import attribution as remembered
from cache.models import architecture
from cache.predictions import tokens
from dashboard import address
from dashboard.attribution.controls import Controls, choose
from dashboard.attribution.robustness import robustness
from dashboard.charts.attribution import faithfulness_lines
from dashboard.export.columns import Columns
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES, SHORT

PERTURBATION = address.Choice(PERTURBATIONS, "erased", "[MASK]")
GRADED = "graded"  # in the session and the address
HEADER = ("Order by", *(f"{name}: {grade}" for name in SHORT for grade in ("comprehensiveness", "sufficiency")))
CURVES = (
    "Each method orders the words, those that speak most for the target first. Left: the score without its top words; "
    "if the method is faithful, it falls early. Right: the score with them alone; if the method is faithful, it rises "
    "early. Grey: 20 random orders (5th to 95th percentile)."
)


def faithfulness(question: Question) -> None:
    """Faithfulness by removing words, of many texts or on request of this one, and robustness on request."""
    controls = choose(question, shown=("baseline",))
    perturbation = PERTURBATION.draw(st.segmented_control, "Remove words by", required=True)
    if st.session_state[address.keep(GRADED, False, address.FLAG)]:
        _on_this_text(controls, perturbation)
    else:
        _on_many_texts(controls, perturbation)
    robustness(controls)


def measured(unit: str = LOGITS) -> str:
    """What the grades are, of scores in `unit`."""
    return (
        "Comprehensiveness is the mean fall of the score without the top words (higher is better), sufficiency the "
        f"mean shortfall with them alone (lower is better), in {unit} (ERASER, DeYoung et al. 2020). The models were "
        "not trained on texts with words missing, which explains a part of any fall."
    )


def _grade(on_this_text: bool) -> None:
    st.session_state[GRADED] = on_this_text


def _on_many_texts(controls: Controls, perturbation: str) -> None:
    """What was measured on many texts with the embedded pair, in a table like that of this text."""
    average = average_grades(controls.question.example.task, perturbation, controls.baseline)
    if average is None:
        controls.say("Grade the methods on this text to see which is the most faithful.")
    else:
        controls.say(average.finding)
        with st.container(key="average_grades"):
            st.html(markup.table((*HEADER, "Texts"), map(average_cells, average.grades), range(1, len(HEADER) + 1)))
        st.caption("Measured with the embedded pair; means over many texts of this task.", help=measured())
    st.button(f"Grade on this text (about {_seconds(controls.question):.0f} s)", on_click=_grade, args=(True,))


def _seconds(question: Question) -> float:
    sizes = question.sides.map(lambda checkpoint: architecture(checkpoint, question.example.task).encoder_parameters)
    read = sum(len(window.pieces) for window in tokens(question.sides.teacher, question.example))
    return seconds_to_grade(read, sum(sizes))


def average_cells(grade: AverageGrade) -> tuple[str, ...]:
    """A row of the table of grades on many texts, under `HEADER` and “Texts”."""
    both = zip(grade.comprehensiveness, grade.sufficiency, strict=True)
    return (grade.order, *(f"{estimate.value:.3f}" for estimates in both for estimate in estimates), str(grade.texts))


def _on_this_text(controls: Controls, perturbation: str) -> None:
    computed = []
    for name, request in zip(NAMES, controls.requests, strict=True):
        with progress_bar(f"{name}: removing words …") as progress:
            computed.append(remembered.faithfulness_curves(request, tuple(METHODS), perturbation, progress))
    both, unit = Sides(*computed), controls.targets.teacher.unit
    controls.say(most_faithful(both))
    for name, curves in zip(NAMES, both, strict=True):
        st.html(markup.element("p", "", markup.escaped(f"{name}. {most_faithful_with_numbers(curves, unit)}")))
        chart(drawn(faithfulness_lines, curves, unit), f"erasure {name}")
        numbers(f"Data table: {name}", f"erasure {name}", partial(curves_table, curves))
    st.caption("The score without each method's top words, and with them alone; grey: random orders.", help=CURVES)
    st.html(markup.table(HEADER, _grades(both), range(1, len(HEADER))))
    st.caption("Higher comprehensiveness and lower sufficiency are better.", help=measured(unit))
    st.button("Show the grades on many texts", on_click=_grade, args=(False,))


def _grades(both: Sides[FaithfulnessCurves]) -> list[tuple[str, ...]]:
    """One row per order, and one for random orders; one column per grade of each model."""
    named = [values for curves in both for values in (curves.comprehensiveness, curves.sufficiency)]
    bands = [band for curves in both for band in (curves.random_comprehensiveness, curves.random_sufficiency)]
    rows = [(name, *(f"{values[place]:.3f}" for values in named)) for place, name in enumerate(both.teacher.names)]
    return [*rows, ("random orders", *(f"{low:.3f} to {high:.3f}" for low, _, high in bands))]


def curves_table(curves: FaithfulnessCurves) -> Columns:
    """One row per point of the curves: the score by each order, without the top words and with them alone."""
    columns: Columns = {"Share of words": curves.shares.round(4).tolist()}
    for name, removed, kept in zip(curves.names, curves.removed, curves.kept, strict=True):
        columns[f"without: {name}"] = removed.round(5).tolist()
        columns[f"only: {name}"] = kept.round(5).tolist()
    return columns
