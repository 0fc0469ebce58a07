"""Texts with their words tinted, and what an attribution adds up to, in words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.attribution.methods import METHODS, Attribution
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from dashboard.ui import markup
from dashboard.ui.markup import Tint


def tinted(
    example: Example,
    places: Sequence[tuple[Word, ...]],
    shares: Sequence[float],
    largest: float,
    side: str,
    framed: Sequence[bool] = (),
) -> str:
    """Each text of the example with its places tinted: stretches of neighbouring words, each with one share.

    `largest` is the share with the strongest tint; `framed` [place] as in `Tint`.
    """
    rows = [row for row in zip(places, shares, framed or [False] * len(places), strict=True) if row[0]]
    lines = []
    for field, text in enumerate(example.texts):
        tints = [
            Tint(words[0].start, words[-1].end, share / (largest or 1.0), f"{100 * share:+.1f} %", frame)
            for words, share, frame in rows
            if words[0].field == field
        ]
        lines.append(markup.tinted(text, tints, side))
    return "".join(lines)


def signs(method: str) -> str:
    """What the tints of a method say, as the beginning of a sentence on how to read them."""
    if METHODS[method].signed:
        return "green with a solid line speaks for the target, purple with a dashed line against it"
    return "the method tells how much a word matters, not whether it speaks for or against"


def accounts(name: str, told: Attribution) -> None:
    """What the values add up to and by how much they miss it, and a warning where that is too much."""
    st.html(markup.element("div", "dl-small", markup.escaped(_account(told))))
    if not told.reached:
        st.html(markup.note(f"{name}: the steps did not converge within their bound; take the values as rough."))


def _account(told: Attribution) -> str:
    scores = f"The score goes from {told.baseline_score:+.2f} at the baseline to {told.score:+.2f} logits at the text"
    added = f"[CLS] and [SEP] have {told.added:+.3f}"
    if told.delta is None:
        return f"{scores}. The method's values do not add up to that change; {added} of them."
    change = abs(told.score - told.baseline_score)
    missed = (
        f"{abs(told.delta) / change:.2%} of the change"
        if told.rule == "relative"
        else f"{abs(told.delta):.4f} logits, where the score hardly changes, so that shares are of all values"
    )
    return f"{scores}. After {told.n_steps} gradients the values miss that by {missed}; {added} logits."
