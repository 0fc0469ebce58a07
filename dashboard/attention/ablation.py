"""Both answers with a head or a layer switched off, and what every head does for the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from analysis.attention.ablation import Importance
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from cache import remember as results
from dashboard.attention.controls import Choice, name_of, opened_by
from dashboard.charts.attention import importance_grid
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import NAMES, SHORT


def ablation(question: Question, traces: Sides[Trace], choice: Choice) -> None:
    """Before and after for the chosen heads and their layers; on request, the importance of every head."""
    rows = []
    for name, checkpoint, head in zip(SHORT, question.sides, choice.heads, strict=True):
        before = results.prediction(checkpoint, question.example).summary
        headless = results.without(checkpoint, question.example, heads=(head,)).summary
        layerless = results.without(checkpoint, question.example, layers=(head[0],)).summary
        rows += [
            (f"{name}, head {name_of(head)} off", before, headless),
            (f"{name}, layer {head[0] + 1} off", before, layerless),
        ]
    st.html(markup.table(("", "Before", "After"), rows))
    if st.toggle("Measure what every head does for the answer", key="sweep", bind="query-params"):
        _importance(question)
    st.caption(
        "How to read this: a head is off when nothing of what it read is passed on; a layer is off when it hands on "
        "what it was given. Importance is how much the score (logit) of the teacher's answer drops in each model "
        "without that one head: blue heads support the answer, orange ones speak against it; a click opens a head "
        "above. Heads can stand in for each other, so small drops do not add up to nothing (Michel et al. 2019). A "
        "model with a part missing was never trained to do without it: the drop says what the whole model relies on, "
        "not what it could have learned."
    )


def _importance(question: Question) -> None:
    bar = st.progress(0.0, "Switching off one head after the other …")

    def show(share: float) -> None:
        bar.progress(share)

    found = results.head_importance(question.sides, question.example, progress=show)
    bar.empty()
    largest = max(float(abs(side.drops).max()) for side in found)
    for column, (side, name), value in zip(st.columns(2), NAMES.items(), found, strict=True):
        key = f"{side} importance"
        with column:
            st.html(markup.element("div", "dl-name", markup.escaped(f"{name}: drop for “{value.target.name}”")))
            chart(importance_grid(side, value.drops, largest), key, on_click=opened_by(key))
    numbers("The drops as a table", "importance", lambda: _table(found))


def _table(found: Sides[Importance]) -> dict[str, Sequence[object]]:
    table: dict[str, list[object]] = {name: [] for name in ("Model", "Layer", "Head", "Drop (logit)")}
    for name, side in zip(SHORT, found, strict=True):
        layer, head = (axis.ravel() + 1 for axis in np.indices(side.drops.shape))
        table["Model"] += [name] * side.drops.size
        table["Layer"] += layer.tolist()
        table["Head"] += head.tolist()
        table["Drop (logit)"] += side.drops.ravel().round(5).tolist()
    return dict(table)
