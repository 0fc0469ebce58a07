"""Texts with their words tinted by an attribution, and a sentence that says whether the attribution is complete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from analysis.attribution.methods import METHODS, Attribution
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from dashboard.ui import markup
from dashboard.ui.markup import FOR_AND_AGAINST, Poles, Tint
from dashboard.ui.theme import NAMES, SHORT

SHARES = (
    "Each value is a share of all attribution in its model: without their signs, those of all words, [CLS] and [SEP] "
    "add up to 100%. So both models, all methods and all texts have one unit."
)
NOT_REASONS = (
    "Attributions depend on method and baseline and are not human reasons; compare methods under Faithfulness."
)


def tinted(
    example: Example,
    places: Sequence[tuple[Word, ...]],
    shares: Sequence[float],
    largest: float,
    side: str,
    framed: Sequence[bool] = (),
    poles: Poles = FOR_AND_AGAINST,
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
        lines.append(markup.tinted(text, tints, side, poles))
    return "".join(lines)


def rows_of_texts(rows: Iterable[tuple[str, str, str]]) -> None:
    """Texts one below the other, each (its name, what it is about, the tinted text)."""
    st.html(html_of_rows(rows))


def html_of_rows(rows: Iterable[tuple[str, str, str]]) -> str:
    """The same as HTML."""
    cells = [
        markup.element(
            "div", "dl-name", markup.escaped(name), markup.element("small", "", markup.escaped(about)) if about else ""
        )
        + markup.element("div", "", text)
        for name, about, text in rows
    ]
    return markup.element("div", "dl-rows", *cells)


def sign_legend(method: str) -> str:
    """What the tints of a method mean, in a sentence."""
    if METHODS[method].signed:
        return "Green, solid line: speaks for the answer. Purple, dashed line: against it."
    return "The stronger the tint, the more the word matters; the method does not tell for from against."


def completeness(attributions: Sides[Attribution]) -> None:
    """Whether the values sum to the score's change, with the scores behind it, and a warning if they miss it by far."""
    st.caption(completeness_text(attributions), help=" ".join(map(_scores, NAMES, attributions)))
    for name, attribution in zip(NAMES, attributions, strict=True):
        if not attribution.converged:
            st.html(markup.note(f"{name}: not converged within the largest number of steps, so the values are rough."))


def completeness_text(attributions: Sides[Attribution]) -> str:
    """Whether the values sum to the score's change, in a sentence."""
    if attributions.teacher.delta is None:
        return "This method's values do not sum to the score change; they are shown as shares all the same."
    claim = (
        "✓ Attributions sum to the score change within"
        if all(attribution.converged for attribution in attributions)
        else "Attributions miss the score change by"
    )
    missed = [f"{_missed(attribution)} ({name.lower()})" for name, attribution in zip(SHORT, attributions, strict=True)]
    return f"{claim} {' and '.join(missed)}."


def _scores(name: str, attribution: Attribution) -> str:
    change, special_tokens = attribution.score - attribution.baseline_score, attribution.special_tokens_score
    gradients = f" ({attribution.n_steps} gradients)" if attribution.n_steps else ""
    target_unit = attribution.target.unit
    unit = "" if attribution.delta is None else f" {target_unit}"
    return (
        f"{name}: the score goes from {attribution.baseline_score:+.2f} at the baseline to {attribution.score:+.2f} at "
        f"the text, {change:+.2f} {target_unit}{gradients}; [CLS] and [SEP] have {special_tokens:+.3f}{unit}."
    )


def _missed(attribution: Attribution) -> str:
    delta, change = abs(attribution.delta or 0.0), abs(attribution.score - attribution.baseline_score)
    if attribution.tolerance_kind == "relative":
        return f"{delta / change:.2%}"
    return f"{delta:.4f} of {change:.4f} {attribution.target.unit}"
