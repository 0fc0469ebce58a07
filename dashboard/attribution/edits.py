"""The reader's edits of a text: where they are kept, and how they are asked for and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import streamlit as st

from analysis.inputs.edits import Edit, edited
from analysis.inputs.examples import Example
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, words_of_all
from dashboard.charts.attribution import DROPPED
from dashboard.frame import take_over
from dashboard.ui import markup

KEY = "edits"  # in the session

# What a button puts in the place of the chosen word, from what the reader typed.
WAYS: dict[str, Callable[[str], str | None]] = {
    "Change": lambda typed: typed,
    "Mask": lambda typed: MASK,
    "Drop": lambda typed: None,
}


@dataclass(frozen=True, slots=True)
class Edits:
    """Edits of one text: those made, in turn, and one that is still to be tried."""

    example: Example
    made: tuple[Edit, ...] = ()
    tried: Edit | None = None


def edits_of(example: Example) -> Edits:
    """Those of this text; another text begins without any."""
    found = st.session_state.get(KEY)
    return found if isinstance(found, Edits) and found.example == example else Edits(example)


def keep(edits: Edits) -> None:
    """Makes these the edits of their text."""
    st.session_state[KEY] = edits


def choices(edits: Edits) -> None:
    """A word of the text and a button for each way to edit it; below, each edit with the way back from it."""
    example, made = edits.example, edits.made
    words = {_name(example, place, word): word for place, word in enumerate(words_of_all(example.texts), start=1)}
    with st.form("edit", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Word", list(words), key="edited_word", width=260)
        st.text_input("Change it to", key="edited_to", width=220)
        for way in WAYS:
            st.form_submit_button(way, on_click=_ask_for, args=(edits, words, way))
    for place, edit in enumerate(made):
        with st.container(horizontal=True, vertical_alignment="center"):
            left = replace(edits, made=made[:place] + made[place + 1 :])
            st.button("Undo", key=f"undo {place}", on_click=keep, args=(left,))
            st.html(markup.escaped(f"{edit.word.text} → {_stands(edit)}"))
    if made:
        with st.container(horizontal=True):
            st.button("Undo all", on_click=keep, args=(Edits(example),))
            after = edited(example, made).after
            st.button("Put the edited text into the sidebar", on_click=take_over, args=(after,))


def _ask_for(edits: Edits, words: Mapping[str, Word], way: str) -> None:
    word = words[st.session_state["edited_word"]]
    keep(replace(edits, tried=Edit(word, WAYS[way](st.session_state["edited_to"]))))


def _name(example: Example, place: int, word: Word) -> str:
    """A word by its number, and the text that it is in where there are two."""
    fields = TASKS[example.task].fields
    return f"{place} {word.text}" + (f" ({fields[word.field].lower()})" if len(fields) > 1 else "")


def _stands(edit: Edit) -> str:
    return DROPPED if edit.replacement is None else edit.replacement
