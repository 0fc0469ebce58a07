"""The tab on attention flow: how much of each word reaches the answer, in both models."""

from __future__ import annotations

import streamlit as st

from analysis.attention.answer_flow import FLOW_METHODS, AnswerFlow
from analysis.attribution.agreement import beside_answer_flow
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.predictions.resolve import default_target
from analysis.wording import per_cent
from cache import attention
from cache.attribution import AttributionRequest, attribution
from cache.predictions import prediction
from dashboard import address
from dashboard.attention.controls import choose
from dashboard.attribution.word_scores import correlation_cells
from dashboard.charts.attention import bars
from dashboard.export.columns import Columns, of_rows
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import SHORT

METHOD = address.Choice(FLOW_METHODS, "way", "Rollout")
ABOUT = {
    "Rollout": "Attention of all heads is averaged, half of each layer passes straight on (the residual connection), "
    "and the layers are multiplied; each model's bars add up to 1.",
    "Flow": "The same layers as a network of pipes: the bar is the most that could flow from the word, on its own, to "
    "the answer. Flow saturates: a word that the first layer reads often can reach the full 1, so many bars are equal.",
}


def answer_flow(question: Question, traces: Sides[Trace]) -> None:
    """The bars of both models by rollout or by flow."""
    controls = choose(question, traces, shown=("special tokens",))
    method = METHOD.draw(st.segmented_control, "Method", required=True)
    left_out = controls.view.special_tokens == "Left out"
    with st.spinner("Following attention through the layers …"):
        flows = attention.answer_flows(question.sides, question.example, method)
    st.html(markup.note(flow_finding(flows)))
    chart(drawn(bars, flows, left_out), f"attention flow by {method}")
    st.caption(
        "One bar per word and model: how much of the word could have come through the layers, not how much it mattered."
        + (" [CLS] and [SEP] are hidden." if left_out else ""),
        help=f"{ABOUT[method]} A label is read at [CLS], a masked word at its mask, an entity or a span at its own "
        "tokens (mean). Both methods are by Abnar & Zuidema 2020; they ignore what heads do with what they read (to "
        "see that, ablate one)." + (" What is left without [CLS] and [SEP] is not rescaled." if left_out else ""),
    )
    numbers("Data table", f"attention flow by {method}", lambda: flow_table(flows))
    if st.toggle("Compare with attributions", key=address.keep("beside", False, address.FLAG)):
        _attributions(question, traces, flows, left_out)


def flow_finding(flows: Sides[AnswerFlow]) -> str:
    """Which words reach the answer most in both models, in a sentence."""
    most = [
        f"by “{words[0]}”{f' and {len(words) - 1} more' if len(words) > 1 else ''} in the {name.lower()} "
        f"({per_cent(share)})"
        for name, (words, share) in zip(SHORT, (flow.strongest for flow in flows), strict=True)
        if words
    ]
    place = f"“{flows.teacher.positions.name}”, where the teacher's answer is read, is reached"
    return (
        f"{place} most {' and '.join(most)}, itself, [CLS] and [SEP] aside." if most else f"{place} by no other word."
    )


def _attributions(question: Question, traces: Sides[Trace], flows: Sides[AnswerFlow], left_out: bool) -> None:
    """The same words by integrated gradients of the teacher's answer, and the rank correlation of the two."""
    target = default_target(prediction(question.sides.teacher, question.example))
    pairs = []
    for checkpoint, trace, flow in zip(question.sides, traces, flows, strict=True):
        request = AttributionRequest(checkpoint, question.example, target)
        scores = attribution(request, "Integrated gradients")
        pairs.append(beside_answer_flow(scores, flow, trace.tokens.words))
    chart(drawn(bars, Sides(*(shares for shares, _ in pairs)), left_out), "attributions beside attention")
    rows = [(name, *correlation_cells(value)) for name, (_, value) in zip(SHORT, pairs, strict=True)]
    st.html(markup.table(("Spearman's rank correlation of the two", "Value", "95% CI"), rows, (1, 2)))
    st.caption(
        "Each bar is a word's share of the integrated gradients of the teacher's answer, regardless of sign (page "
        "Attributions).",
        help="The correlation compares the ranks of the words in the two charts: 1 is the same order, 0 no relation. "
        "Its interval comes from resampling the words. If it includes 0, attention and attribution may be unrelated "
        "on this text (Jain & Wallace 2019 often found this).",
    )


def flow_table(flows: Sides[AnswerFlow]) -> Columns:
    rows = [
        (name, label, round(float(share), 6))
        for name, side in zip(SHORT, flows, strict=True)
        for label, share in zip(side.labels, side.shares, strict=True)
    ]
    return of_rows(("Model", "Word", "Share"), rows)
