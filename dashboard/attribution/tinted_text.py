"""Texts with their words tinted by an attribution, and a sentence that says whether the attribution is complete."""

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
    """Each text of the example with its places tinted: spans of neighbouring words, each with one share.

    `largest` is the share with the strongest tint; `framed` [place] as in `Tint`.
    """
    rows = [row for row in zip(places, shares, framed or [False] * len(places), strict=True) if row[0]]
    lines = []
    for field, text in enumerate(example.texts):
        tints = [
            Tint(words[0].start, words[-1].end, share / (largest or 1.0), f"{100 * share:+.1f}%", frame)
            for words, share, frame in rows
            if words[0].field == field
        ]
        lines.append(markup.tinted(text, tints, side))
    return "".join(lines)


def sign_legend(method: str) -> str:
    """What the tints of a method mean, as a sentence without its full stop."""
    if METHODS[method].signed:
        return "Green with a solid line speaks for the target, purple with a dashed line against it"
    return "The method shows how much a word matters, not whether it speaks for or against the target"


def completeness(name: str, attribution: Attribution) -> None:
    """Whether the values sum to the score's change and how far they miss it, with a warning if that is too far."""
    st.html(markup.element("div", "dl-small", markup.escaped(_completeness(attribution))))
    if not attribution.converged:
        st.html(markup.note(f"{name}: not converged within the largest number of steps, so the values are rough."))


def _completeness(attribution: Attribution) -> str:
    scores = f"from {attribution.baseline_score:+.2f} at the baseline to {attribution.score:+.2f} logits at the text"
    special_tokens = f"[CLS] and [SEP] have {attribution.special_tokens_score:+.3f}"
    if attribution.delta is None:
        return f"This method's values do not sum to the score change, {scores}; {special_tokens} of them."
    claim = (
        "✓ Attributions sum to the score change within"
        if attribution.converged
        else "Attributions miss the score change by"
    )
    return (
        f"{claim} {_missed(attribution)}. The score goes {scores} ({attribution.n_steps} gradients); "
        f"{special_tokens} logits."
    )


def _missed(attribution: Attribution) -> str:
    delta, change = abs(attribution.delta or 0.0), abs(attribution.score - attribution.baseline_score)
    if attribution.tolerance_kind == "relative":
        return f"{delta / change:.2%}"
    return f"{delta:.4f} logits. The score hardly changes, so shares are of all values"
