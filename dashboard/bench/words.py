"""The text itself: its words to click, and a field to write in, where Enter asks.

A plain text box stands below it for where the script cannot run; the style sheet hides it wherever the words are drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from analysis.inputs.edits import Edit, edited
from analysis.inputs.examples import Example
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, words_of
from analysis.models.pairs import Pair
from cache.predictions import candidates
from dashboard import address
from dashboard.attention.controls import ask_about_word
from dashboard.bench.examples import EDITED_FROM, take_over
from dashboard.frame import problems_shown
from dashboard.page_list import FOLDER

TEXTS = ("text", "text_pair")  # keys in the session, and in an example
REQUEST, CANDIDATES = "bench request", "bench candidates"  # in the session
MOST_WORDS = 400  # of a longer text the words are not to be clicked: it is drawn as it is

# What a click on a word offers: what to put in its place, and where to go with it.
EDITS: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "replace": ("Replace", lambda typed: typed),
    "mask": ("Mask", lambda typed: MASK),
    "delete": ("Delete", lambda typed: None),
}
WAYS = {"attributions": "Explain the answer", "attention": "Which heads look at it?"}

_words = st.components.v2.component(
    "dl_words", js=Path(__file__).with_name("words.js").read_text(encoding="utf-8"), isolate_styles=False
)


def text_on_bench(pair: Pair | None, task: str, number: int) -> str:
    """Draws one text of the question, and returns it."""
    key = TEXTS[number]
    default = getattr(TASKS[task].samples[0], key) or ""
    label, kept = TASKS[task].fields[number], address.keep(key, default, address.TEXT)
    with st.container(key=f"{key}_field", gap=None):
        _clickable(pair, task, number)
        return st.text_area(label, key=kept, height="content", label_visibility="collapsed", placeholder=label)


@st.fragment
def _clickable(pair: Pair | None, task: str, number: int) -> None:
    """The words; what a click asks for is done here, so that looking a word up does not draw the page again."""
    key = TEXTS[number]
    carry_out(pair, task, number)
    text = st.session_state[key]
    words = words_of(text)
    events: dict[str, Any] = {f"on_{event}_change": _keeps(key, event) for event in DEEDS}
    _words(
        key=_component(key),
        data={
            "text": text,
            "segments": segments(text, words if len(words) <= MOST_WORDS else ()),
            "label": TASKS[task].fields[number],
            "candidates": st.session_state.get(f"{CANDIDATES} {key}"),
            "edits": [(action, label) for action, (label, _) in EDITS.items() if action != "replace"],
            "ways": list(WAYS.items()),
            "write": "Edit the text",
            "ask": "Ask both models",
            "unasked": "Enter asks: what is below belongs to the last text.",
            "about": "What to do with this word",
            "replace": "Replace with …",
            "waiting": "The teacher is looking for other words …",
        },
        **events,
    )


def segments(text: str, words: tuple[Word, ...]) -> list[tuple[str, int | None]]:
    """The text in pieces, each with the number of its word, None between words."""
    pieces: list[tuple[str, int | None]] = []
    position = 0
    for number, word in enumerate(words):
        if word.start > position:
            pieces.append((text[position : word.start], None))
        pieces.append((text[word.start : word.end], number))
        position = word.end
    if position < len(text):
        pieces.append((text[position:], None))
    return pieces


def _component(key: str) -> str:
    return f"{key}_words"


def _keeps(key: str, event: str) -> Callable[[], None]:
    """A callback that keeps what was sent, to be done when the words are drawn."""

    def keep() -> None:
        st.session_state[f"{REQUEST} {key}"] = (event, st.session_state[_component(key)][event])

    return keep


def carry_out(pair: Pair | None, task: str, number: int) -> None:
    """Does what a click in a text has asked for; where the whole page is drawn, before its widgets are."""
    request = st.session_state.pop(f"{REQUEST} {TEXTS[number]}", None)
    if request:
        event, value = request
        with problems_shown():
            DEEDS[event](value, pair, task, number)


def _ask(value: Any, pair: Pair | None, task: str, number: int) -> None:
    st.session_state[TEXTS[number]] = str(value)
    take_over(_example(task))
    st.rerun()


def _look(value: Any, pair: Pair | None, task: str, number: int) -> None:
    """What the teacher would put in the place of a word."""
    text = st.session_state[TEXTS[number]]
    word = words_of(text)[int(value)]
    found: dict[str, Any] = {"word": int(value), "values": [], "said": "These models have no fill-mask to ask."}
    if pair and "fill-mask" in pair.checkpoints:
        found |= {"values": candidates(pair, text, word), "said": ""}
    st.session_state[f"{CANDIDATES} {TEXTS[number]}"] = found


def _edit(value: Any, pair: Pair | None, task: str, number: int) -> None:
    example = _example(task)
    word = words_of(example.texts[number], number)[int(value["word"])]
    _, make = EDITS[value["action"]]
    take_over(edited(example, [Edit(word, make(str(value["value"])))]).after)
    st.session_state[EDITED_FROM] = example
    st.rerun()


def _go(value: Any, pair: Pair | None, task: str, number: int) -> None:
    before = len(words_of(st.session_state["text"])) if number else 0
    ask_about_word(before + int(value["word"]))
    st.switch_page(FOLDER / f"{value['action']}.py")


def _example(task: str) -> Example:
    return Example(task, *(st.session_state[key] for key in TEXTS[: len(TASKS[task].fields)]))


DEEDS: dict[str, Callable[[Any, Pair | None, str, int], None]] = {"ask": _ask, "look": _look, "edit": _edit, "go": _go}
