"""The text as each model reads it."""

from __future__ import annotations

import streamlit as st

from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens, known_words
from analysis.wording import shown
from dashboard.ui import markup
from dashboard.ui.theme import NAMES

QUOTED = 5  # unknown words, at most


def say_unknown(windows: Sides[tuple[Tokens, ...]]) -> None:
    """How many words of the text each model knows, if one does not know all of them."""
    known = windows.map(known_words)
    if all(map(all, known)):
        return
    sentences = [
        f"{name} knows {sum(each)} of {len(each)} words" + (f", not {_some(side[0], each)}" if not all(each) else "")
        for name, side, each in zip(NAMES, windows, known, strict=True)
    ]
    st.html(markup.note("; ".join(sentences) + ". What a model does not know, it cannot tell apart."))


def _some(tokens: Tokens, known: tuple[bool, ...]) -> str:
    """The first of the words that are not known, quoted."""
    words = list(dict.fromkeys(word.text for word, is_known in zip(tokens.words, known, strict=True) if not is_known))
    quoted = ", ".join(f"“{shown(word, 20)}”" for word in words[:QUOTED])
    return quoted + (" …" if len(words) > QUOTED else "")


def tokens(windows: Sides[tuple[Tokens, ...]]) -> None:
    """The text cut into tokens, as each model sees it; long contexts show their first window."""
    with st.expander("Tokens"):
        for name, sequences in zip(NAMES, windows, strict=True):
            first = sequences[0]
            more = f" in the first of {len(sequences)} windows" if len(sequences) > 1 else ""
            added = (first.fields < 0).tolist()
            st.html(
                markup.element("div", "dl-name", f"{name}: {len(first)} tokens{more}")
                + markup.token_row(zip(first.pieces, added, strict=True))
            )
        st.caption(
            "One box per token. Joined boxes make one word. Dotted boxes were added by the tokenizer.",
            help="A piece that begins with ## continues the word before it. [CLS] stands for the whole text, [SEP] "
            "ends a part of it.",
        )
