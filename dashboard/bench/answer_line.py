"""Both answers, always in sight beside the text, and what is to be said of them."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.predictions.comparison import Comparison
from analysis.predictions.correctness import compared, verdict
from dashboard.bench.examples import EDITED_FROM, sample_of
from dashboard.bench.history import note, sign_of
from dashboard.frame import Question, answers
from dashboard.ui import markup
from dashboard.ui.theme import names_of

ENTAILMENT = "Entailment means that the second text follows from the first, or answers its question."


def answer_line(question: Question) -> None:
    """Both answers, and whether they are the same; after an edit on the bench also those before."""
    names = names_of(question.sides)
    if not question.pair.trained:
        st.html(_line(names, Sides("random weights", "random weights"), None, None))
        return
    predictions = answers(question)
    said = predictions.map(lambda p: p.summary)
    comparison = compared(predictions, sample_of(question.example))
    note(question, said, comparison)
    st.html(_line(names, said, comparison, _before(question)))


def _before(question: Question) -> Sides[str] | None:
    """What both answered before a word was edited on the bench; None if none was."""
    before: Example | None = st.session_state.get(EDITED_FROM)
    if before is None or before.task != question.example.task:
        return None
    return answers(replace(question, example=before)).map(lambda p: p.summary)


def finding(question: Question) -> None:
    """Whether the answers are the same and right, how far apart the predictions are, and what the example shows."""
    predictions, sample = answers(question), sample_of(question.example)
    comparison = compared(predictions, sample)
    distance = (
        None
        if comparison.agree is None
        else "Their labels differ, so their distributions cannot be compared."
        if comparison.divergence is None
        else f"Jensen–Shannon divergence of their predictions: {comparison.divergence:.3f} bits "
        "(0 = identical, 1 = nothing in common)."
    )
    expected = verdict(predictions, sample) if sample else None
    looked_for = f"{sample.title}: {sample.look_for}" if sample else None
    explained = ENTAILMENT if "entailment" in comparison.sentence else None
    st.html(markup.note(" ".join(filter(None, (comparison.sentence, expected, distance, looked_for, explained)))))


def _line(names: Sides[str], said: Sides[str], comparison: Comparison | None, before: Sides[str] | None) -> str:
    was = before or Sides("", "")
    cells = [
        markup.element(
            "div",
            f"dl-said dl-{side}",
            markup.element("span", "dl-who", markup.escaped(name + (f" · before: {earlier}" if earlier else ""))),
            markup.element("b", "dl-answer", markup.escaped(answer)),
        )
        for (side, name), answer, earlier in zip(names.items(), said, was, strict=True)
    ]
    if comparison is None:
        return markup.element("div", "dl-both", *cells)
    meaning = markup.escaped(comparison.sentence)
    mark = f'<span class="dl-sign" role="img" aria-label="{meaning}" title="{meaning}">{sign_of(comparison)}</span>'
    return markup.element("div", "dl-both", cells[0], mark, cells[1])
