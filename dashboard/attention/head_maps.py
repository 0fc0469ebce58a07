"""Two heads compared: the exact maps of one head of each model on one colour scale, and their difference."""

from __future__ import annotations

import streamlit as st

from analysis.arrays import Array
from analysis.attention.head_distances import head_distances
from analysis.attention.maps import AttentionMap, difference
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from cache import attention
from dashboard.attention.controls import ALL_CONTROLS, choose, look_at, name_of
from dashboard.charts import attention as charts
from dashboard.export.columns import Columns
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import NAMES

OTHER = {"teacher": "student", "student": "teacher"}
CAVEAT = (
    "Attention weights say where a head reads from, not why the model answers as it does (Jain & Wallace 2019, "
    "“Attention is not Explanation”; Wiegreffe & Pinter 2019, “Attention is not not Explanation”, answer that it can "
    "be one explanation among others)."
)

LIKENESS = (  # up to this Jensen–Shannon distance -> in words
    (0.1, "The two heads are nearly identical"),
    (0.3, "The two heads are similar"),
    (0.6, "The two heads differ"),
    (1.0, "The two heads have little in common"),
)


def heads(question: Question, traces: Sides[Trace]) -> None:
    """Both maps, a button to the most similar head, the distance of the two, and their difference."""
    controls = choose(question, traces, shown=ALL_CONTROLS)
    maps, dimmed = controls.view.of(traces, controls.parts), controls.view.dimmed
    end = charts.end_of_scale(maps, dimmed)
    for column, (side, name), map_, head in zip(st.columns(2), NAMES.items(), maps, controls.heads, strict=True):
        with column:
            st.html(markup.element("div", "dl-name", f"{name}, layer {head[0] + 1}, head {head[1] + 1}"))
            chart(drawn(charts.head_map, map_, end, dimmed), f"{side} head {name_of(head)}")
            st.button(
                f"Find the most similar {OTHER[side]} head",
                key=f"match_{side}",
                on_click=_go_to_closest,
                args=(question, side, head),
                width="stretch",
            )
    if maps.teacher.labels == maps.student.labels:
        _difference(maps, dimmed)
    else:
        st.html(markup.note("The models tokenize the text differently, so their difference is shown over words only."))
    st.caption(
        f"Rows are the {controls.view.over.lower()} that attend, columns those they attend to; brighter means more "
        "attention.",
        help=f"Each row sums to 1. Both maps share one colour scale, which ends at {end.weight:.2g}."
        f"{_beyond_the_scale(end)} {CAVEAT}",
    )
    numbers("Data table", "weights of one head", lambda: _table(maps))


def _beyond_the_scale(end: charts.ScaleEnd) -> str:
    """A sentence about weights beyond the end of the scale; empty if there is none."""
    return (
        f" Weights above it, up to {end.largest:.2g}, have its last colour, so that the others can be told apart; "
        "hover for the exact values."
        if end.is_cut
        else ""
    )


def _go_to_closest(question: Question, side: str, head: tuple[int, int]) -> None:
    closest, _ = attention.closest_head(question.sides, question.example, side, head)
    look_at(OTHER[side], closest)


def likeness(distance: float) -> str:
    """What a distance of two heads means, in words."""
    return next(words for most, words in LIKENESS if distance <= most)


def distance_of(maps: Sides[AttentionMap]) -> float:
    """The distance of the two heads, one each, whose maps are over the same words or tokens."""
    return float(head_distances([maps.map(lambda map_: map_.weights)]).values.item())


def likeness_told(distance: float) -> str:
    """What a distance of two heads means, with its number."""
    return f"{likeness(distance)} (distance {distance:.2f}; 0 = same, 1 = nothing in common)."


def _difference(maps: Sides[AttentionMap], dimmed: bool) -> None:
    weights = maps.map(lambda map_: map_.weights[0, 0])
    distance = distance_of(maps)
    st.html(markup.element("div", "dl-name", "Difference: teacher − student") + markup.note(likeness_told(distance)))
    chart(drawn(charts.difference_map, difference(*weights), maps.teacher, dimmed), "difference of heads")
    st.caption(
        "Blue where the teacher's head attends more, orange where the student's does; no colour where both attend "
        "alike.",
        help=f"The distance is the Jensen–Shannon distance of the two heads, mean over rows: {distance:.3f}.",
    )


def _table(maps: Sides[AttentionMap]) -> Columns:
    """Long form, one row per pair of words or tokens, since the two models may have different ones."""
    table: dict[str, list[object]] = {name: [] for name in ("Model", "From", "To", "Weight")}
    for name, map_ in zip(NAMES, maps, strict=True):
        labels = [f"{place + 1} {label}" for place, label in enumerate(map_.labels)]
        weights: Array = map_.weights[0, 0]
        table["Model"] += [name] * weights.size
        table["From"] += [label for label in labels for _ in labels]
        table["To"] += labels * len(labels)
        table["Weight"] += weights.ravel().round(7).tolist()
    return dict(table)
