"""One head of each model: its exact map, the other's beside it on the same colours, and the difference."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.arrays import Array
from analysis.attention.head_distances import head_distances
from analysis.attention.maps import AttentionMap, difference
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from cache import remember as results
from dashboard.attention.controls import Choice, look_at, name_of
from dashboard.charts import attention as charts
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import NAMES

OTHER = {"teacher": "student", "student": "teacher"}
CAVEAT = (
    "Attention weights say where a head reads from, not why the model answers as it does (Jain & Wallace 2019, "
    "“Attention is not Explanation”; Wiegreffe & Pinter 2019, “Attention is not not Explanation”, answer that it can "
    "be one explanation among others)."
)


def heads(question: Question, traces: Sides[Trace], choice: Choice) -> None:
    """Both maps, how alike they are, the way to the most alike, and the difference."""
    st.subheader("One head of each model")
    maps, dimmed = choice.view.of(traces, choice.parts), choice.view.dimmed
    end = charts.end_of_scale(maps, dimmed)
    for column, (side, name), map_, head in zip(st.columns(2), NAMES.items(), maps, choice.heads, strict=True):
        with column:
            st.html(markup.element("div", "dl-name", f"{name}, layer {head[0] + 1}, head {head[1] + 1}"))
            chart(charts.head_map(map_, end, dimmed), f"{side} head {name_of(head)}")
            st.button(
                f"Go to the {OTHER[side]} head that attends most alike",
                key=f"match_{side}",
                on_click=_go_to_closest,
                args=(question, side, head),
                width="stretch",
            )
    if maps.teacher.labels == maps.student.labels:
        _difference(maps, dimmed)
    else:
        st.html(markup.note("The two cut the text differently, so their difference is shown over words only."))
    st.caption(
        f"How to read this: each row is one of the {choice.view.unit.lower()} that read, each column one that is read; "
        f"a row's weights add up to 1. Both maps share one colour scale, which ends at {end.weight:.2g}."
        f"{_what_is_above(end)} {CAVEAT}"
    )
    numbers("The weights as tables", "weights of one head", lambda: _table(maps))


def _what_is_above(end: charts.ScaleEnd) -> str:
    """What to say of weights that are above the end of the scale; empty where none is."""
    return (
        f" Weights above it, up to {end.largest:.2g}, have its last colour, so that the others can be told apart; the "
        "hover tells them exactly."
        if end.is_cut
        else ""
    )


def _go_to_closest(question: Question, side: str, head: tuple[int, int]) -> None:
    found, _ = results.closest_head(question.sides, question.example, side, head)
    look_at(OTHER[side], found)


def _difference(maps: Sides[AttentionMap], dimmed: bool) -> None:
    weights = maps.map(lambda map_: map_.weights[0, 0])
    apart = head_distances([maps.map(lambda map_: map_.weights)]).values.item()
    st.html(
        markup.element("div", "dl-name", "Difference: teacher − student")
        + markup.note(
            f"Jensen–Shannon distance of these two heads, mean over the rows: {apart:.3f} (0 alike, 1 apart)."
        )
    )
    chart(charts.difference_map(difference(*weights), maps.teacher, dimmed), "difference of heads")


def _table(maps: Sides[AttentionMap]) -> dict[str, Sequence[object]]:
    """Each pair of units in a row, in long form: maps of two models need not have the same units."""
    table: dict[str, list[object]] = {name: [] for name in ("Model", "From", "To", "Weight")}
    for name, map_ in zip(NAMES, maps, strict=True):
        labels = [f"{place + 1} {label}" for place, label in enumerate(map_.labels)]
        weights: Array = map_.weights[0, 0]
        table["Model"] += [name] * weights.size
        table["From"] += [label for label in labels for _ in labels]
        table["To"] += labels * len(labels)
        table["Weight"] += weights.ravel().round(7).tolist()
    return dict(table)
