"""Both answers with a head or a layer ablated, and how much every head matters for the answer."""

from __future__ import annotations

import numpy as np
import streamlit as st

from analysis.attention.ablation import Importance
from analysis.attention.view import Head
from analysis.attribution.agreement import quoted
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.predictions.comparison import compare
from cache import attention
from cache.predictions import prediction
from dashboard import address
from dashboard.attention.controls import COMPARE, choose, name_of, opened_by
from dashboard.charts.attention import importance_grid
from dashboard.export.columns import Columns
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES, SHORT

ABLATED = ("", "Before", "After")  # columns


def ablation(question: Question, traces: Sides[Trace]) -> None:
    """Before and after for the chosen heads and their layers; on request, the importance of every head."""
    controls = choose(question, traces, shown=("heads",))
    rows, found = before_and_after(question, controls.heads)
    st.html(markup.note(found))
    with st.container(key="ablated_answers"):
        st.html(markup.table(ABLATED, rows))
    if st.toggle("Show how much each head matters", key=address.keep("sweep", False, address.FLAG)):
        _importance(question)
    st.caption(
        "An ablated head passes on nothing of what it read; an ablated layer passes its input on unchanged.",
        help="No model was trained to do without a part, so a drop shows what the whole model relies on, not what it "
        "could have learned.",
    )


def before_and_after(question: Question, heads: Sides[Head]) -> tuple[list[tuple[str, str, str]], str]:
    """Each model's answer without its head and without that head's layer, and a sentence on what changes."""
    rows: list[tuple[str, str, str]] = []
    same: dict[str, bool | None] = {}
    for name, checkpoint, head in zip(SHORT, question.sides, heads, strict=True):
        before = prediction(checkpoint, question.example)
        ablated = {
            f"head {name_of(head)}": attention.ablated_prediction(checkpoint, question.example, heads=(head,)),
            f"layer {head[0] + 1}": attention.ablated_prediction(checkpoint, question.example, layers=(head[0],)),
        }
        rows += [(f"{name} without {part}", before.summary, after.summary) for part, after in ablated.items()]
        same |= {
            f"{name.lower()} without {part}": compare(Sides(before, after)).agree for part, after in ablated.items()
        }
    return rows, what_changes(same)


def what_changes(same: dict[str, bool | None]) -> str:
    """Without which parts the answer changes, by whether it stays the same; None where it is a number."""
    if None in same.values():
        return "How far the number moves without these:"
    changed = [part for part, stays in same.items() if not stays]
    return f"The answer changes: {', '.join(changed)}." if changed else "No answer changes without these."


def _importance(question: Question) -> None:
    with progress_bar("Ablating one head after the other …") as progress:
        importances = attention.head_importance(question.sides, question.example, progress)
    largest = max(float(abs(side.drops).max()) for side in importances)
    unit = importances.teacher.target.unit
    for column, (side, name), value in zip(st.columns(2), NAMES.items(), importances, strict=True):
        key = f"{side} importance"
        with column:
            st.html(markup.element("div", "dl-name", markup.escaped(f"{name}: drop for {quoted(value.target.name)}")))
            chart(drawn(importance_grid, side, value.drops, largest, unit), key, on_click=opened_by(key, COMPARE))
    st.caption(
        "Green heads support the teacher's answer: without them its score drops. Purple heads oppose it. Click a head "
        "to compare it.",
        help=f"Importance is how much the score of the teacher's answer, in {unit}, drops in each model without that "
        "one head. Heads can stand in for each other: many small drops together can still matter (Michel et al. 2019).",
    )
    numbers("Data table", "importance", lambda: _table(importances))


def _table(importances: Sides[Importance]) -> Columns:
    drop = f"Drop ({importances.teacher.target.unit})"
    table: dict[str, list[object]] = {name: [] for name in ("Model", "Layer", "Head", drop)}
    for name, side in zip(SHORT, importances, strict=True):
        layer, head = (axis.ravel() + 1 for axis in np.indices(side.drops.shape))
        table["Model"] += [name] * side.drops.size
        table["Layer"] += layer.tolist()
        table["Head"] += head.tolist()
        table[drop] += side.drops.ravel().round(5).tolist()
    return dict(table)
