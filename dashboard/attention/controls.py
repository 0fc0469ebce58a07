"""What the reader looks at: the view of all maps, and one head of each model. All of it stands in the URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import streamlit as st

from analysis.attention.view import ADDED, ORDERS, UNITS, Head, Part, View, one_head
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from dashboard.ui.theme import SHORT


@dataclass(frozen=True, slots=True)
class Choice:
    """How all maps are seen, and which head of each model is looked at closely."""

    view: View
    heads: Sides[Head]

    @property
    def parts(self) -> Sides[Part]:
        return self.heads.map(one_head)


def choose(traces: Sides[Trace]) -> Choice:
    """Draws the choices and returns them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        unit = _one_of("Unit", UNITS, "unit", "A word's columns are summed and its rows averaged over its pieces.")
        added = _one_of(
            "[CLS] and [SEP]",
            ADDED,
            "added",
            "What the tokenizer added. Dimmed: veiled, and the colours use the weights of the rest. Left out: without "
            "them, each row scaled to add up to 1 again.",
        )
        order = "As read"
        if (traces.teacher.tokens.fields == 1).any():
            order = _one_of("Order", ORDERS, "order", "By text: all of the first text, then all of the second.")
        heads = Sides(*(_head(side, trace) for side, trace in zip(("teacher", "student"), traces, strict=True)))
    return Choice(View(unit, added, order), heads)


def look_at(side: str, head: Head) -> None:
    """Makes this head the one that is looked at; for callbacks, which run before the choices are drawn."""
    layer, number = head
    st.session_state[f"{side}_head"] = f"{layer + 1}.{number + 1}"


def opened_by(key: str) -> Callable[[], None]:
    """A callback of the figure of that key, whose points tell (side, layer, head): a click opens that head."""

    def open_head() -> None:
        for point in st.session_state[key].selection.points[:1]:
            side, layer, head, *_ = point["customdata"]
            look_at(side, (layer, head))

    return open_head


def name_of(head: Head) -> str:
    """A head as people write it: layer and head from 1."""
    return f"{head[0] + 1}.{head[1] + 1}"


def _one_of(label: str, options: Iterable[str], key: str, about: str) -> str:
    names = list(options)
    chosen = st.segmented_control(
        label, names, default=names[0], required=True, key=key, bind="query-params", help=about
    )
    return str(chosen)


def _head(side: str, trace: Trace) -> Head:
    layers, count = trace.attentions.shape[:2]
    options = [name_of((layer, head)) for layer in range(layers) for head in range(count)]
    label = f"{getattr(SHORT, side)}: layer.head"
    chosen = st.selectbox(label, options, key=f"{side}_head", bind="query-params", width=150)
    layer, head = chosen.split(".")
    return int(layer) - 1, int(head) - 1
