"""Which teacher head each student head resembles, as a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from analysis.matching import Matches
from dashboard.charts.attention import LEGEND, SCALE


def matches(nearest: Matches, origins: Sequence[int] | None, shape: tuple[int, ...]) -> go.Figure:
    """Each student head (across) at the layer of its nearest teacher head (upward); squares where it began."""
    layers, heads, teacher_layers, _ = shape
    layer, head = (axis.ravel() for axis in np.indices((layers, heads)))
    figure = go.Figure()
    if origins is not None:
        figure.add_scatter(
            name="initialised from",
            x=layer + (head + 0.5) / heads,
            y=np.array(origins)[layer] + 1,
            mode="markers",
            marker={"symbol": "square-open", "size": 11, "color": "#8A8F98"},
            hoverinfo="skip",
        )
    figure.add_scatter(
        name="nearest teacher head",
        x=layer + (head + 0.5) / heads,
        y=nearest.layers.ravel() + 1,
        mode="markers",
        marker={
            "color": nearest.distances.ravel(),
            "colorscale": SCALE,
            "reversescale": True,
            "size": 9,
            "colorbar": {"title": "distance", "thickness": 12},
        },
        customdata=np.stack([layer + 1, head + 1, nearest.heads.ravel() + 1], axis=1),
        hovertemplate="student %{customdata[0]}.%{customdata[1]}<br>nearest: teacher %{y}.%{customdata[2]}<br>"
        "distance %{marker.color:.3f}<extra></extra>",
    )
    ticks = {"tickmode": "array", "tickvals": np.arange(layers) + 0.5, "ticktext": [f"{n + 1}" for n in range(layers)]}
    figure.update_layout(margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=460, legend=LEGEND)
    figure.update_xaxes(title="Student layer (its heads from left to right)", range=[0, layers], **ticks)
    return figure.update_yaxes(title="Teacher layer", range=[0.4, teacher_layers + 0.6], dtick=1)
