"""Panel: what both models cost whatever the machine, and what this machine makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from analysis.latency.cost import Cost
from cache import remember as results
from dashboard.charts import cost as charts
from dashboard.latency.controls import Asked
from dashboard.latency.machine import holds, roofline, throughput, watts
from dashboard.predictions.answers import architecture
from dashboard.ui.figures import chart, numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import SHORT

SECTIONS: dict[str, Callable[[Asked], None]] = {
    "Throughput by batch": throughput,
    "How many requests a second does this machine hold?": holds,
    "What this machine allows at most": roofline,
    "Energy": watts,
}


def cost(asked: Asked) -> None:
    """Sizes, memory and operations at once; what must be measured on buttons."""
    with progress_bar("Counting memory and operations at each length …") as progress:
        found = results.cost(asked.question.sides, asked.example.task, progress)
    architecture(found.architectures)
    chart(charts.parameters(found.architectures), "latency parameters")
    st.caption("How to read this: the parameters of both models by part, on one scale.")
    numbers("The parameters as a table", "latency parameters", lambda: parameters_table(found))
    _by_length(found)
    for title, section in SECTIONS.items():
        st.subheader(title)
        section(asked)


def parameters_table(found: Cost) -> dict[str, Sequence[object]]:
    """Every drawn segment, in parameters."""
    sides = {
        name: [count(size) for count, *_ in charts.PARTS.values()]
        for name, size in zip(SHORT, found.architectures, strict=True)
    }
    return {"Part": list(charts.PARTS), **sides}


def _by_length(found: Cost) -> None:
    st.subheader("Memory and operations by length")
    for column, key, figure in zip(
        st.columns(2),
        ("latency memory", "latency operations"),
        (charts.memory(found), charts.operations(found)),
        strict=True,
    ):
        with column:
            chart(figure, key)
    st.caption(
        "How to read this: on the left the most that one forward pass of one sequence holds beside the weights, on the "
        "right its floating-point operations (a multiplication and an addition are two), both on a logarithmic scale. "
        "Both are counted, not timed. A pass holds what one layer needs at a time, however many there are: where "
        "the lines lie on each other, the student saves nothing beside its weights."
    )
    numbers("The numbers as a table", "latency cost", lambda: cost_table(found))


def cost_table(found: Cost) -> dict[str, Sequence[object]]:
    """Every drawn point, a row a length; beside the counted operations of the layers those of the formula."""
    columns: dict[str, Sequence[object]] = {"Length (tokens)": list(found.lengths)}
    for name, peaks, counted in zip(SHORT, found.peak_bytes, found.operations, strict=True):
        columns[f"{name}: memory (MB)"] = [round(float(peak) / 1e6, 6) for peak in peaks]
        columns[f"{name}: operations (GFLOP)"] = [round(one.total / 1e9, 6) for one in counted]
        columns[f"{name}: layers, counted (GFLOP)"] = [round(float(one.layers.sum()) / 1e9, 6) for one in counted]
        columns[f"{name}: layers, by formula (GFLOP)"] = [round(float(one.formula.sum()) / 1e9, 6) for one in counted]
    return columns
