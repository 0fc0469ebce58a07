"""The controls of the page: the view of all maps, and one head of each model. All of them stand in the URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import streamlit as st

from analysis.attention.view import MAPS, ORDERS, SPECIAL_TOKENS, Head, Part, View, one_head
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from dashboard import address
from dashboard.ui.theme import SHORT


@dataclass(frozen=True, slots=True)
class Controls:
    """How all maps are seen, and which head of each model is compared."""

    view: View
    heads: Sides[Head]

    @property
    def parts(self) -> Sides[Part]:
        return self.heads.map(one_head)


def choose(traces: Sides[Trace]) -> Controls:
    """Draws the controls and returns what is chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        over = _one_of("Show", MAPS, "unit", "A word's columns are summed and its rows averaged over its pieces.")
        special_tokens = _one_of(
            "Special tokens",
            SPECIAL_TOKENS,
            "added",
            "[CLS] and [SEP], which the tokenizer adds. Dimmed: veiled, and the colour scale fits the rest. Left out: "
            "removed, and each row rescaled to sum to 1.",
        )
        order = "As read"
        if (traces.teacher.tokens.fields == 1).any():
            order = _one_of("Order", ORDERS, "order", "By text: all of the first text, then all of the second.")
        heads = Sides(*(_head(side, trace) for side, trace in zip(("teacher", "student"), traces, strict=True)))
    return Controls(View(over, special_tokens, order), heads)


def look_at(side: str, head: Head) -> None:
    """Makes this head the one that is looked at; for callbacks, which run before the choices are drawn."""
    layer, number = head
    st.session_state[f"{side}_head"] = f"{layer + 1}.{number + 1}"


def opened_by(key: str) -> Callable[[], None]:
    """A callback of the figure of that key, whose points carry (side, layer, head): a click opens that head."""

    def open_head() -> None:
        for point in st.session_state[key].selection.points[:1]:
            side, layer, head, *_ = point["customdata"]
            look_at(side, (layer, head))

    return open_head


def name_of(head: Head) -> str:
    """A head as people write it: layer and head from 1."""
    return f"{head[0] + 1}.{head[1] + 1}"


def _one_of(label: str, options: Iterable[str], key: str, tooltip: str) -> str:
    return address.choose(st.segmented_control, label, options, key, required=True, help=tooltip)


def _head(side: str, trace: Trace) -> Head:
    layers, count = trace.attentions.shape[:2]
    options = [name_of((layer, head)) for layer in range(layers) for head in range(count)]
    label = f"{SHORT[side]}: layer.head"
    chosen = address.choose(st.selectbox, label, options, f"{side}_head", width=150)
    layer, head = chosen.split(".")
    return int(layer) - 1, int(head) - 1
