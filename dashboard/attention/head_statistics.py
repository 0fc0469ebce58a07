"""What the heads of both models do on a text: a scatter of two statistics, and all of them as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from analysis.arrays import Array
from analysis.attention.maps import HeadSummary, typical_head
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from cache import attention
from dashboard import address
from dashboard.attention.controls import COMPARE, opened_by
from dashboard.charts.attention import scatter
from dashboard.export.columns import Columns
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import SHORT


@dataclass(frozen=True, slots=True)
class Column:
    """One statistic of a head: its title, with its unit, and its values in the summary."""

    title: str
    values: Callable[[HeadSummary], Array | None]


COLUMNS = (
    Column("Entropy (bits)", lambda s: s.entropy_bits),
    Column("to [CLS]", lambda s: s.to_cls),
    Column("to [SEP]", lambda s: s.to_sep),
    Column("to itself", lambda s: s.to_same),
    Column("to previous token", lambda s: s.to_previous),
    Column("to next token", lambda s: s.to_next),
    Column("Distance (tokens)", lambda s: s.distance_tokens),
    Column("within its text", lambda s: s.within),
    Column("across texts", lambda s: s.across),
)


def head_statistics(question: Question, traces: Sides[Trace]) -> None:
    """The scatter of all heads, and the table."""
    summaries = attention.head_summaries(question.sides, question.example)
    present = columns_of(summaries)
    with st.container(horizontal=True):
        choices = zip(axes(present), ("Across", "Upward"), strict=True)
        across, upward = (axis.draw(st.selectbox, label, width=220) for axis, label in choices)
    points = points_of(summaries, present[across], present[upward])
    st.html(markup.note(medians(summaries, {title: present[title] for title in (across, upward)})))
    chart(drawn(scatter, points, across, upward), "what heads do", on_click=opened_by("what heads do", COMPARE))
    st.caption(
        "One dot per head, in the colour and shape of its model. Click a dot to compare the head.",
        help="Entropy measures how widely a head spreads its attention: 0 bits is all on one token, the maximum is "
        "the logarithm of the text's length. The others are shares of a head's attention, averaged over all tokens "
        "that attend, always including [CLS] and [SEP]; distance is in tokens. They describe a head on this one text "
        "(Clark et al. 2019 describe BERT's): much attention to [CLS] or [SEP] often means that the head has nothing "
        "to do here.",
    )
    numbers("Data table", "all heads", lambda: statistics_table(summaries, present))


def columns_of(summaries: Sides[HeadSummary]) -> dict[str, Column]:
    """The statistics that these texts have, by their titles."""
    return {column.title: column for column in COLUMNS if column.values(summaries.teacher) is not None}


def axes(columns: Mapping[str, Column]) -> tuple[address.Choice[str], address.Choice[str]]:
    """The statistic across and the one upward, each one of these."""
    return address.Choice(columns, "across", list(columns)[3]), address.Choice(columns, "upward")


def points_of(summaries: Sides[HeadSummary], across: Column, upward: Column) -> Sides[Sides[Array]]:
    """Every head of both models by two statistics."""
    return summaries.map(lambda summary: Sides(_figures(summary, across), _figures(summary, upward)))


def medians(summaries: Sides[HeadSummary], columns: dict[str, Column]) -> str:
    """The median head of each model by these statistics, in a sentence."""
    said = "; ".join(_medians(title, summaries, column) for title, column in columns.items())
    return f"The median head: {said}."


def _medians(title: str, summaries: Sides[HeadSummary], column: Column) -> str:
    teacher, student = summaries.map(lambda summary: f"{typical_head(_figures(summary, column)):.2f}")
    return f"{title[0].lower()}{title[1:]} {teacher} in the teacher, {student} in the student"


def _figures(summary: HeadSummary, column: Column) -> Array:
    values = column.values(summary)
    if values is None:
        raise ValueError(f"there is no {column.title} for one text")
    return values


def statistics_table(summaries: Sides[HeadSummary], present: dict[str, Column]) -> Columns:
    table: dict[str, list[object]] = {"Model": [], "Layer": [], "Head": [], **{title: [] for title in present}}
    for name, summary in zip(SHORT, summaries, strict=True):
        layer, head = (axis.ravel() + 1 for axis in np.indices(summary.entropy_bits.shape))
        table["Model"] += [name] * len(layer)
        table["Layer"] += layer.tolist()
        table["Head"] += head.tolist()
        for title, column in present.items():
            table[title] += np.round(_figures(summary, column).ravel(), 4).tolist()
    return dict(table)
