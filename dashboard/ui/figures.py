"""Figures on a page, each with a menu, and the numbers behind each, to read and to keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from cache.remember import remember_drawing
from dashboard.ui.csv_table import as_csv
from dashboard.ui.figure_menu import menu

READABLE = 14  # pixels
BUTTONS = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d"]}


def chart(figure: go.Figure, key: str, on_click: Callable[[], None] | None = None) -> None:
    """The figure; `on_click` runs before the page is drawn again, with the points in the session under `key`."""
    name = "-".join(("distillens", *key.split()))
    saved = {"format": "svg", "filename": name}
    clicks: dict[str, Any] = {"on_select": on_click, "selection_mode": "points"} if on_click else {}
    st.plotly_chart(figure, config={**BUTTONS, "toImageButtonOptions": saved}, key=key, **clicks)
    menu(key, name)


class FinishedFigure(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A figure to be sent alone: the dictionary that Streamlit asks it for in every run is made once.

    Plotly's own constructor is left out: it would check once more, as long as drawing took, what is drawn already.
    """

    def __init__(self, finished: dict[str, Any]) -> None:
        self._finished = finished

    def to_dict(self) -> dict[str, Any]:
        """As Plotly's own, for reading alone."""
        return self._finished


def drawn(draw: Callable[..., go.Figure], *values: Any, **options: Any) -> go.Figure:
    """The figure that `draw` makes of these values; the same one for equal values, because making one takes long."""
    return remember_drawing(
        f"{draw.__module__}.{draw.__qualname__}",
        lambda: FinishedFigure(legible(draw(*values, **options).to_dict())),
        (values, options),
    )


def legible(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure with ticks, legend and words beside marks in a size to read, coloured as in `markup.STYLE`."""
    layout = figure["layout"]
    bars = [trace.setdefault("colorbar", {}) for trace in figure["data"] if trace["type"] == "heatmap"]
    axes = [layout.setdefault(name, {}) for name in {"xaxis", "yaxis", *layout} if name.startswith(("xaxis", "yaxis"))]
    titles = [bar.setdefault("title", {}) for bar in bars]
    fonts = [part.setdefault("tickfont", {}) for part in (*axes, *bars)]
    fonts += [part.setdefault("font", {}) for part in (layout.setdefault("legend", {}), *titles)]
    fonts += [trace.setdefault("textfont", {}) for trace in figure["data"] if "textposition" in trace]
    for font in fonts:
        font["size"] = READABLE
    return figure


def numbers(label: str, key: str, columns: Callable[[], Mapping[str, Sequence[Any]]]) -> None:
    """The numbers behind a figure, folded away and made only when they are asked for: a table to sort, and CSV."""
    folded = st.expander(label, key=f"{key} numbers", on_change="rerun")
    if folded.open:
        with folded:
            table = columns()
            st.dataframe(table, hide_index=True, width="stretch", key=f"{key} table")
            name = "-".join(("distillens", *key.split()))
            st.download_button(
                "Save as CSV", as_csv(table), f"{name}.csv", "text/csv", key=f"{key} csv", on_click="ignore"
            )
