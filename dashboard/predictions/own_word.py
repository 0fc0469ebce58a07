"""A word of the reader's own: how likely both models hold it for each mask."""

from __future__ import annotations

import streamlit as st

from analysis.inputs.examples import checked
from analysis.inputs.tasks import MASK, TASKS
from analysis.predictions.own_word import WordAtMask
from cache import predictions
from dashboard import address
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.theme import SHORT

LONGEST = 50  # characters


def own_word(question: Question) -> None:
    """A field for a word, where the task fills masks, and what both models think of it."""
    if not TASKS[question.example.task].needs_mask:
        return
    key = address.keep("own_word", "", address.TEXT)
    label = "How likely is a word of your own?"
    word = st.text_input(label, key=key, max_chars=LONGEST, placeholder="A word", width=320).strip()
    if not word:
        return
    example, sides = checked(question.example), question.sides
    count = example.text.count(MASK)
    rows = [
        (
            f"{MASK} {mask + 1}" if count > 1 else MASK,
            *(_cell(predictions.word_at_mask(side, example, mask, word)) for side in sides),
        )
        for mask in range(count)
    ]
    st.html(markup.table((f"“{word}”", *SHORT), rows, (1, 2)))
    st.caption(
        "The probability of the word in each mask, and its rank (#) in the whole vocabulary.",
        help="A word of several pieces has a mask for each, filled from left to right: the product of their "
        "probabilities, each given those before it. It has no rank, since not all such words were asked.",
    )


def _cell(found: WordAtMask) -> str:
    """A probability, and a rank or the pieces that it is the product of."""
    beside = f"#{found.rank:,}" if found.rank else " ".join(found.pieces)
    return f"{share(found.probability)} ({beside})"


def share(probability: float) -> str:
    """In per cent, however small.

    >>> share(0.25), share(0.000123), share(0.0000000123)
    ('25.00%', '0.01%', '1.2e-06%')
    """
    return f"{probability:.2%}" if probability >= 0.0001 else f"{100 * probability:.1e}%"
