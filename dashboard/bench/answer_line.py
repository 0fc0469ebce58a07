"""Both answers, always in sight beside the text, and what is to be said of them."""

from __future__ import annotations

import streamlit as st

from analysis.models.pairs import Sides
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import verdict
from dashboard.bench.examples import sample_of
from dashboard.frame import Question, answers
from dashboard.ui import markup
from dashboard.ui.theme import NAMES

SIGNS = {True: ("=", "They agree."), False: ("≠", "They disagree.")}


def answer_line(question: Question) -> None:
    """Both answers, and whether they are the same."""
    if not question.pair.trained:
        st.html(_line(Sides("random weights", "random weights"), None))
        return
    predictions = answers(question)
    st.html(_line(predictions.map(lambda p: p.summary), compare(predictions).agree))


def finding(question: Question) -> None:
    """Whether the answers are the same and right, how far apart the predictions are, and what the example shows."""
    predictions, sample = answers(question), sample_of(question.example)
    comparison = compare(predictions)
    distance = (
        "Their labels differ, so their distributions cannot be compared."
        if comparison.divergence is None
        else f"Jensen–Shannon divergence of their predictions: {comparison.divergence:.3f} bits "
        "(0 = identical, 1 = nothing in common)."
    )
    expected = verdict(predictions, sample) if sample else None
    looked_for = f"{sample.title}: {sample.look_for}" if sample else None
    st.html(markup.note(" ".join(filter(None, (comparison.sentence, expected, distance, looked_for)))))


def _line(said: Sides[str], agree: bool | None) -> str:
    cells = [
        markup.element(
            "div",
            f"dl-said dl-{side}",
            markup.element("span", "dl-who", markup.escaped(name)),
            markup.element("b", "dl-answer", markup.escaped(answer)),
        )
        for (side, name), answer in zip(NAMES.items(), said, strict=True)
    ]
    if agree is None:
        return markup.element("div", "dl-both", *cells)
    sign, meaning = SIGNS[agree]
    mark = f'<span class="dl-sign" role="img" aria-label="{meaning}" title="{meaning}">{sign}</span>'
    return markup.element("div", "dl-both", cells[0], mark, cells[1])
