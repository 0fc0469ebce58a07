"""Figures are drawn once for equal values, and sent as Plotly itself would send them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.ui.figures import FinishedFigure, drawn

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
    assert one not in others
    assert others[2].data[0].name == "b"


def test_a_finished_figure_is_plotlys_own() -> None:
    figure = line(np.arange(3.0))
    finished = FinishedFigure(figure)
    assert finished.to_dict() == figure.to_dict()
    assert finished.to_dict() is finished.to_dict()
    assert finished.to_json() == figure.to_json()
