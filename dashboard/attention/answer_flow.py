"""From the words to the answer: how much of each arrives where the answer is read from, in both models."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.attention.answer_flow import WAYS, Arrival
from analysis.attribution.agreement import beside_answer_flow
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.predictions.resolve import default_target
from cache import remember as results
from cache.attribution import AttributionRequest, attribution
from dashboard.attention.controls import Choice
from dashboard.attribution.word_scores import correlation_cells
from dashboard.charts.attention import bars
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import SHORT

ABOUT = {
    "Rollout": "Attention of all heads is averaged, half of each layer passes straight on (the residual connection), "
    "and the layers are multiplied; the bars of a model add up to 1.",
    "Flow": "The same layers taken as pipes: the bar is the most that could flow from the word, on its own, to the "
    "answer. Flow saturates: a word that the first layer reads often can have the full 1, so that many bars are equal.",
}


def answer(question: Question, traces: Sides[Trace], choice: Choice) -> None:
    """The bars of both models by rollout or by flow."""
    way = st.segmented_control("By", list(WAYS), default="Rollout", required=True, key="way", bind="query-params")
    left_out = choice.view.added == "Left out"
    with st.spinner("Following attention through the layers …"):
        found = results.arrivals(question.sides, question.example, str(way))
    reader = found.teacher.readers.name
    st.html(markup.note(f"What arrives in the last layer at “{reader}”, where the teacher's answer is read from."))
    chart(bars(found, left_out), f"arrival by {way}")
    st.caption(
        f"How to read this: {ABOUT[str(way)]} A label is read from [CLS], a masked word at its mask, an entity and an "
        "answer at their own tokens, as a mean. Both ways are by Abnar & Zuidema 2020; they show how much of a word "
        "could have come through, not how much it mattered: they know nothing of what heads do with what they read "
        "(switch a head off to see that)."
        + (" Left out: [CLS] and [SEP]; the rest is not rescaled." if left_out else "")
    )
    numbers("The same as a table", f"arrival by {way}", lambda: _table(found))
    if st.toggle("Hold it against attributions", key="beside", bind="query-params"):
        _attributions(question, traces, found, left_out)


def _attributions(question: Question, traces: Sides[Trace], found: Sides[Arrival], left_out: bool) -> None:
    """The same words by integrated gradients of the teacher's answer, and the rank correlation of the two."""
    target = default_target(results.prediction(question.sides.teacher, question.example))
    pairs = []
    for checkpoint, inside, arrived in zip(question.sides, traces, found, strict=True):
        told = attribution(AttributionRequest(checkpoint, question.example, target), "Integrated gradients")
        pairs.append(beside_answer_flow(told, arrived, inside.tokens.words))
    chart(bars(Sides(*(shares for shares, _ in pairs)), left_out), "attributions beside attention")
    rows = [(name, *correlation_cells(value)) for name, (_, value) in zip(SHORT, pairs, strict=True)]
    st.html(markup.table(("Spearman's rank correlation of the two", "Value", "95 % interval"), rows, (1, 2)))
    st.caption(
        "How to read this: the bars are each word's share of the integrated gradients of the teacher's answer, "
        "whatever their sign (page Attributions). Correlated are the words' ranks in the two pictures; 1 is the same "
        "order, 0 no relation. The interval draws the words anew. Where it includes 0, attention and attribution need "
        "not have anything to do with each other on this text (Jain & Wallace 2019 found so often)."
    )


def _table(found: Sides[Arrival]) -> dict[str, Sequence[object]]:
    rows = [
        (name, label, round(float(share), 6))
        for name, side in zip(SHORT, found, strict=True)
        for label, share in zip(side.labels, side.shares, strict=True)
    ]
    return dict(zip(("Model", "Word", "Share"), zip(*rows, strict=True), strict=True))
