"""Figures are drawn once for equal values, and sent as Plotly itself would send them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.io import to_json

from dashboard.ui.figures import READABLE, FinishedFigure, drawn

pytestmark = pytest.mark.usefixtures("nothing_remembered")


def line(values: np.ndarray, name: str = "a") -> go.Figure:
    return go.Figure(go.Scatter(y=values, name=name), layout={"height": 200})


def test_equal_values_are_drawn_once_and_others_are_not() -> None:
    one = drawn(line, np.arange(3.0))
    assert drawn(line, np.arange(3.0)) is one
    others = [
        drawn(line, np.arange(3)),
        drawn(line, np.arange(4.0)),
        drawn(line, np.arange(3.0), "b"),
        drawn(line, np.arange(3.0), name="b"),
    ]
    assert all(one is not other for other in others)
    assert others[2].to_dict()["data"][0]["name"] == "b"


def test_a_finished_figure_is_plotlys_own() -> None:
    figure = line(np.arange(3.0))
    finished = FinishedFigure(figure.to_dict())
    assert finished.to_dict() == figure.to_dict()
    assert finished.to_dict() is finished.to_dict()
    assert to_json(finished.to_dict(), validate=False) == figure.to_json()


def test_ticks_legend_and_colour_bar_are_in_a_size_to_read() -> None:
    figure = drawn(map_with_legend).to_dict()
    fonts = [figure["layout"][name]["tickfont"] for name in ("xaxis", "yaxis2")] + [figure["layout"]["legend"]["font"]]
    bar = figure["data"][0]["colorbar"]
    assert [font["size"] for font in (*fonts, bar["tickfont"], bar["title"]["font"])] == [READABLE] * 5
    assert bar["title"]["text"] == "weight"


def test_words_beside_marks_are_in_a_size_to_read() -> None:
    traces = drawn(marks_with_words).to_dict()["data"]
    assert [trace.get("textfont", {}).get("size") for trace in traces] == [READABLE, READABLE, None]


def marks_with_words() -> go.Figure:
    named = go.Scatter(x=[0], y=[0], mode="lines+text", text=["a"], textposition="top center")
    return go.Figure([go.Bar(x=[1], y=[1], text=["1"], textposition="outside"), named, go.Scatter(x=[0], y=[1])])


def map_with_legend() -> go.Figure:
    heatmap = go.Heatmap(z=[[0, 1]], colorbar={"title": "weight"})
    return go.Figure([heatmap], layout={"xaxis": {"title": "to"}, "yaxis2": {"side": "right"}})
