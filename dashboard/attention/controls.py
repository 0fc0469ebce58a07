"""The controls of the page: the view of all maps, and one head of each model. All of them stand in the URL."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace

import streamlit as st

from analysis.attention.view import MAPS, ORDERS, SPECIAL_TOKENS, Head, Part, View, one_head
from analysis.inputs.words import words_of_all
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from cache import attention
from dashboard import address
from dashboard.frame import Question
from dashboard.ui.theme import SHORT

SIDES = ("teacher", "student")
NO_WORD = -1
ALL_CONTROLS = ("view", "special tokens", "heads")
COMPARE = "Compare two heads"  # the tab where a head that is clicked on another one is opened
OVER = address.Choice(MAPS, "unit")
ADDED = address.Choice(SPECIAL_TOKENS, "added")
ORDER = address.Choice(ORDERS, "order")
OVER_HELP = "A word's columns are summed and its rows averaged over its pieces."
SPECIAL_TOKENS_HELP = (
    "[CLS] and [SEP], which the tokenizer adds. Dimmed: veiled, and the colour scale fits the rest. Left out: removed, "
    "and each row rescaled to sum to 1."
)
ORDER_HELP = "By text: all of the first text, then all of the second."


@dataclass(frozen=True, slots=True)
class Controls:
    """How all maps are seen, and which head of each model is compared."""

    view: View
    heads: Sides[Head]

    @property
    def parts(self) -> Sides[Part]:
        return self.heads.map(one_head)


def choose(question: Question, traces: Sides[Trace], *, shown: Container[str]) -> Controls:
    """Draws the controls in `shown` ("view", "special tokens", "heads"), and returns what is chosen of all.

    The view is folded into a button that says what is chosen.
    """
    over, special_tokens = OVER.value(), ADDED.value()
    two_texts = bool((traces.teacher.tokens.fields == 1).any())
    order = ORDER.value() if two_texts else "As read"
    defaults = attention.default_heads(question.sides, question.example, chosen_word(question))
    with st.container(horizontal=True, key="attention_controls"):
        if "special tokens" in shown:
            said = [over] if "view" in shown else []
            label = " · ".join((*said, f"special tokens {special_tokens.lower()}"))
            with st.popover(label[0].upper() + label[1:], key="attention_view"):
                _view_controls("view" in shown, two_texts)
        heads = Sides(
            *(
                _head(side, trace, default, "heads" in shown)
                for (side, trace), default in zip(traces.items(), defaults, strict=True)
            )
        )
    return Controls(View(over, special_tokens, order), heads)


def _view_controls(whole: bool, two_texts: bool) -> None:
    if whole:
        OVER.draw(st.segmented_control, "Show", required=True, help=OVER_HELP)
    ADDED.draw(st.segmented_control, "Special tokens", required=True, help=SPECIAL_TOKENS_HELP)
    if whole and two_texts:
        ORDER.draw(st.segmented_control, "Order", required=True, help=ORDER_HELP)


def chosen_word(question: Question) -> int | None:
    """The number of the word that the reader asked about, if these texts have it and both models read it."""
    address.keep("word", NO_WORD, address.NUMBER)
    word: int = st.session_state["word"]
    return word if 0 <= word < len(words_of_all(question.example.texts)) else None


def forget_word() -> None:
    """Opens the heads that differ most again; for callbacks."""
    ask_about_word(NO_WORD)


def ask_about_word(word: int) -> None:
    """Opens the heads that look most at a word, in place of those chosen before."""
    st.session_state["word"] = word
    for side in SIDES:
        st.session_state[f"{side}_head"] = st.session_state.get(f"{side}_head default")


def step_heads(step: int) -> None:
    """Opens the next head of each model, or the one before; nothing on other pages. For callbacks."""
    for side in SIDES:
        heads: list[str] = st.session_state.get(f"{side} heads in order", [])
        if st.session_state.get(f"{side}_head") in heads:
            place = heads.index(st.session_state[f"{side}_head"])
            st.session_state[f"{side}_head"] = heads[(place + step) % len(heads)]


def look_at(side: str, head: Head) -> None:
    """Makes this head the one that is looked at; for callbacks, which run before the choices are drawn."""
    layer, number = head
    st.session_state[f"{side}_head"] = f"{layer + 1}.{number + 1}"


def opened_by(key: str, tab: str | None = None) -> Callable[[], None]:
    """A callback of the figure of that key, whose points carry (side, layer, head): a click opens it, in `tab`."""

    def open_head() -> None:
        for point in st.session_state[key].selection.points[:1]:
            side, layer, head, *_ = point["customdata"]
            look_at(side, (layer, head))
            if tab:
                st.session_state["attention_tab"] = tab

    return open_head


def name_of(head: Head) -> str:
    """A head as people write it: layer and head from 1."""
    return f"{head[0] + 1}.{head[1] + 1}"


def _head(side: str, trace: Trace, default: Head, shown: bool) -> Head:
    layers, count = trace.attentions.shape[:2]
    options = [name_of((layer, head)) for layer in range(layers) for head in range(count)]
    key, first = f"{side}_head", name_of(default)
    st.session_state[f"{side} heads in order"] = options
    before = st.session_state.get(f"{key} default", first)
    if first != before == st.session_state.get(key):
        st.session_state[key] = first  # the reader chose none: the default of these texts takes its place
    st.session_state[f"{key} default"] = first
    choice = address.Choice(options, key, first, named=str)
    layer, head = choice.value().split(".")
    if shown:
        titled = replace(choice, title=lambda name: f"{SHORT[side]} {name}")
        titled.draw(st.selectbox, f"{SHORT[side]}: layer.head", width=160, label_visibility="collapsed")
    return int(layer) - 1, int(head) - 1
