"""The tab Cost: what both models cost on any machine, and how this machine performs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from analysis.latency.cost import Cost
from cache import latency as measuring
from dashboard.charts import cost as charts
from dashboard.export.columns import Columns
from dashboard.latency.controls import MeasurementRequest
from dashboard.latency.machine import requests_per_second, roofline, throughput, watts
from dashboard.page_links import link_to_page
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import SHORT

SECTIONS: dict[str, Callable[[MeasurementRequest], None]] = {
    "Throughput by batch": throughput,
    "Requests per second this machine can serve": requests_per_second,
    "Hardware limits": roofline,
    "Energy": watts,
}


def cost(request: MeasurementRequest) -> None:
    """Parameters, memory and operations, which are counted at once, then the measurements, each with a button."""
    with progress_bar("Counting memory and operations at each length …") as progress:
        costs = measuring.cost(request.question.sides, request.example.task, progress)
    st.html(markup.note(costs.finding))
    chart(drawn(charts.parameters, costs.architectures), "latency parameters")
    st.caption("The parameters of both models by part, on the same scale.")
    numbers("Data table", "latency parameters", lambda: parameters_table(costs))
    link_to_page("Models")
    _by_length(costs)
    for title, section in SECTIONS.items():
        st.subheader(title)
        section(replace(request, row=st.container(horizontal=True)))


def parameters_table(costs: Cost) -> Columns:
    """Every drawn segment, in parameters."""
    sides = {
        name: [count(size) for count, *_ in charts.MODEL_PARTS.values()]
        for name, size in zip(SHORT, costs.architectures, strict=True)
    }
    return {"Part": list(charts.MODEL_PARTS), **sides}


def _by_length(costs: Cost) -> None:
    st.subheader("Memory and operations by length")
    for column, key, figure in zip(
        st.columns(2),
        ("latency memory", "latency operations"),
        (drawn(charts.memory, costs), drawn(charts.operations, costs)),
        strict=True,
    ):
        with column:
            chart(figure, key)
    st.caption(
        "Left: the peak memory of a forward pass of one sequence, in addition to the weights. Right: its "
        "floating-point operations.",
        help="Both are counted, not timed, and drawn on a logarithmic scale; a multiplication and an addition are two "
        "operations. A pass holds what one layer needs at a time, however many layers there are: where the "
        "lines coincide, the student saves no memory except its weights.",
    )
    numbers("Data table", "latency cost", lambda: cost_table(costs))


def cost_table(costs: Cost) -> Columns:
    """Every drawn point, one row per length; operations of the layers both as counted and by the formula."""
    columns: Columns = {"Length (tokens)": list(costs.lengths)}
    for name, peaks, counted in zip(SHORT, costs.peak_bytes, costs.operations, strict=True):
        columns[f"{name}: memory (MB)"] = [round(float(peak) / 1e6, 6) for peak in peaks]
        columns[f"{name}: operations (GFLOP)"] = [round(count.total / 1e9, 6) for count in counted]
        columns[f"{name}: layers, counted (GFLOP)"] = [round(float(count.layers.sum()) / 1e9, 6) for count in counted]
        columns[f"{name}: layers, by formula (GFLOP)"] = [
            round(float(count.formula.sum()) / 1e9, 6) for count in counted
        ]
    return columns
