"""The text as each model reads it."""

from __future__ import annotations

import streamlit as st

from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens
from dashboard.ui import markup
from dashboard.ui.theme import NAMES


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
