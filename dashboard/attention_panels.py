"""Panels of the attention page: which heads are looked at (in the URL), the overview, one head of each model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from analysis.arrays import Array
from analysis.attention import AttentionMap, HeadSummary, by_token, by_word, difference, on_shared_words, without_added
from analysis.flow import rollout
from analysis.head_distances import Matches
from analysis.matching import HeadMatching
from analysis.pairs import Sides
from analysis.tasks import MASK
from analysis.trace import Trace
from cache import results
from dashboard import markup
from dashboard.bertviz_view import MOST_UNITS, bertviz_html
from dashboard.charts import attention as charts
from dashboard.frame import Question
from dashboard.palette import COLOURS, NAMES, SHORT
from dashboard.panels import CHART

UNITS: dict[str, Callable[[Trace], AttentionMap]] = {
    "Words": lambda trace: by_word(trace.attentions, trace.tokens),
    "Tokens": lambda trace: by_token(trace.attentions, trace.tokens),
}
ADDED: dict[str, Callable[[AttentionMap], AttentionMap]] = {"Shown": lambda map_: map_, "Left out": without_added}
CAVEAT = (
    "Attention weights say where a head reads from, not why the model answers as it does (Jain & Wallace 2019, "
    "“Attention is not Explanation”; Wiegreffe & Pinter 2019 answer that it can be one explanation among others)."
)

Head = tuple[int, int]  # layer, head, both from 0


@dataclass(frozen=True, slots=True)
class View:
    """What the reader looks at: the unit of the maps, what becomes of [CLS] and [SEP], and a head of each model."""

    unit: str
    added: str
    heads: Sides[Head]

    def of(self, traces: Sides[Trace]) -> Sides[AttentionMap]:
        """Both models' maps in this view, over the words that both have."""
        maps = traces.map(UNITS[self.unit])
        shared = on_shared_words(maps) if self.unit == "Words" else maps
        return shared.map(ADDED[self.added])


def view(traces: Sides[Trace]) -> View:
    """Draws the choices and returns them."""
    columns = st.columns(4)
    with columns[0]:
        unit = st.segmented_control(
            "Unit", list(UNITS), default="Words", required=True, key="unit", bind="query-params"
        )
    with columns[1]:
        added = st.segmented_control(
            "[CLS] and [SEP]", list(ADDED), default="Shown", required=True, key="added", bind="query-params"
        )
    heads = []
    for column, (side, name), trace in zip(columns[2:], SHORT.items(), traces, strict=True):
        layers, count = trace.attentions.shape[:2]
        with column:
            label = f"{name}: layer, head"
            options = [f"{layer}.{head}" for layer in range(1, layers + 1) for head in range(1, count + 1)]
            chosen = st.selectbox(label, options, key=f"{side}_head", bind="query-params")
        layer, head = chosen.split(".")
        heads.append((int(layer) - 1, int(head) - 1))
    return View(unit, added, Sides(*heads))


def overview(traces: Sides[Trace], view: View) -> None:
    """All heads of both models at a glance; a click on one opens it below."""
    st.subheader("All heads")
    largest = max(charts.brightest(trace.attentions) for trace in traces)
    parts = zip(st.columns(2), NAMES.items(), traces, view.heads, COLOURS, strict=True)
    for column, (side, name), trace, head, colour in parts:
        key = f"{side}_mosaic"
        with column:
            st.html(markup.element("div", "dl-name", name))
            figure = charts.mosaic(trace.attentions, largest, head, colour)
            st.plotly_chart(figure, config=CHART, key=key, on_select=_open, selection_mode="points", theme="streamlit")
    st.caption(
        "How to read this: one small picture a head, tokens from top (reading) to left (read from); the brighter, the "
        f"more weight (square-root scale, the same for both models, brightest from {largest:.2g}). A bright diagonal "
        "reads the token itself, a line beside it a neighbour, a bright column one single token, often [SEP]. Click a "
        "head to see it below."
    )


def _open() -> None:
    """Takes a click on an overview into the choice of heads; runs before the page is drawn again."""
    for side, _ in NAMES.items():
        points = st.session_state[f"{side}_mosaic"].selection.points
        if points:
            layer, head = points[0]["customdata"][:2]
            st.session_state[f"{side}_head"] = f"{layer + 1}.{head + 1}"


def heads(maps: Sides[AttentionMap], view: View, found: HeadMatching | None) -> None:
    """One head of each model on one colour scale, and their difference."""
    st.subheader("One head of each model")
    weights = Sides(*(map_.weights[head] for map_, head in zip(maps, view.heads, strict=True)))
    largest = float(max(side.max() for side in weights))
    for column, name, map_, side, (layer, head) in zip(st.columns(2), NAMES, maps, weights, view.heads, strict=True):
        with column:
            st.html(markup.element("div", "dl-name", f"{name}, layer {layer + 1}, head {head + 1}"))
            st.plotly_chart(charts.head_map(side, map_.labels, largest), config=CHART, key=f"{name} head")
    if found:
        _match_buttons(view, found.nearest)
    if maps.teacher.labels == maps.student.labels:
        st.html(markup.element("div", "dl-name", "Difference: teacher − student"))
        figure = charts.difference_map(difference(*weights), maps.teacher.labels)
        st.plotly_chart(figure, config=CHART, key="difference")
    else:
        st.html(markup.note("The two cut the text differently, so their difference is shown over words only."))
    st.caption(
        "How to read this: each row is a token that reads, each column a token that is read; a row's weights add up "
        f"to 1. Both maps share one colour scale. {CAVEAT}"
    )


def _match_buttons(view: View, matches: Sides[Matches]) -> None:
    for column, side, other, match, head in zip(
        st.columns(2), ("teacher", "student"), ("student", "teacher"), matches, view.heads, strict=True
    ):
        layer, number = int(match.layers[head]) + 1, int(match.heads[head]) + 1
        column.button(
            f"Nearest: {other} {layer}.{number} (distance {match.distances[head]:.2f})",
            key=f"match_{side}",
            on_click=lambda other=other, found=f"{layer}.{number}": st.session_state.update({f"{other}_head": found}),
            width="stretch",
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a head: what it is called, in which unit, and where it stands in the summary."""

    title: str
    values: Callable[[HeadSummary], Array | None]


COLUMNS = (
    Column("Entropy (bits)", lambda s: s.entropy_bits),
    Column("to [CLS]", lambda s: s.to_cls),
    Column("to [SEP]", lambda s: s.to_sep),
    Column("to itself", lambda s: s.to_same),
    Column("to previous token", lambda s: s.to_previous),
    Column("to next token", lambda s: s.to_next),
    Column("Distance (tokens)", lambda s: s.distance_tokens),
    Column("within its text", lambda s: s.within),
    Column("across texts", lambda s: s.across),
)


def summaries(found: Sides[HeadSummary]) -> None:
    """What every head of both models does on this text: two figures against each other, and a table to sort."""
    st.subheader("What the heads do")
    present = {c.title: c for c in COLUMNS if c.values(found.teacher) is not None}
    columns = st.columns(2)
    across = columns[0].selectbox("Across", list(present), index=3, key="across", bind="query-params")
    upward = columns[1].selectbox("Upward", list(present), index=0, key="upward", bind="query-params")
    points = found.map(lambda s: Sides(_figures(s, present[across]), _figures(s, present[upward])))
    st.plotly_chart(charts.scatter(points, across, upward), config=CHART, key="head scatter")
    st.caption(
        "How to read this: one dot a head, in the colour of its model. Entropy says how widely a head spreads its "
        "attention: 0 bits is all on one token, the most is the logarithm of the text's length. The rest are shares of "
        "a head's attention, as means over all tokens that read; distance is counted in tokens."
    )
    with st.expander("The same as a table (click a column's title to sort)"):
        st.dataframe(_summary_table(found, present), hide_index=True, width="stretch")


def _figures(summary: HeadSummary, column: Column) -> Array:
    values = column.values(summary)
    if values is None:
        raise ValueError(f"there is no {column.title} for one text")
    return values


def _summary_table(found: Sides[HeadSummary], present: dict[str, Column]) -> dict[str, list[object]]:
    table: dict[str, list[object]] = {"Model": [], "Layer": [], "Head": [], **{title: [] for title in present}}
    for name, summary in zip(SHORT, found, strict=True):
        layers, heads = summary.entropy_bits.shape
        layer, head = np.indices((layers, heads))
        table["Model"] += [name] * (layers * heads)
        table["Layer"] += (layer.ravel() + 1).tolist()
        table["Head"] += (head.ravel() + 1).tolist()
        for title, column in present.items():
            table[title] += np.round(_figures(summary, column).ravel(), 4).tolist()
    return table


def rollouts(traces: Sides[Trace]) -> None:
    """How much of each word arrives at one token of the last layer, by attention rollout, in both models."""
    st.subheader("From the words to the answer: attention rollout")
    st.plotly_chart(charts.bars(traces.map(_rollout_by_word)), config=CHART, key="rollout")
    st.caption(
        "How to read this: attention of all heads averaged, half of each layer passed straight on (the residual "
        "connection), multiplied through the layers (Abnar & Zuidema 2020). It shows how much of each word could have "
        "reached the first [MASK], or without one [CLS], in the last layer; not how much it mattered."
    )


def _rollout_by_word(trace: Trace) -> tuple[Sequence[str], Array]:
    pieces = trace.tokens.pieces
    reader = pieces.index(MASK) if MASK in pieces else 0  # [CLS]
    row = rollout(trace.attentions)[-1, reader]  # [key]
    words = by_word(np.broadcast_to(row, (1, 1, len(pieces), len(pieces))), trace.tokens)
    return words.labels, words.weights[0, 0, 0]


def bertviz(maps: Sides[AttentionMap], view: View) -> None:
    """BertViz's own two views of the chosen layer of each model."""
    st.subheader("BertViz")
    if max(len(map_.labels) for map_ in maps) > MOST_UNITS:
        st.html(markup.note(f"BertViz is shown for at most {MOST_UNITS} words; “All heads” above works at any length."))
        return
    kind = st.segmented_control(
        "View", ["head", "model"], default="head", required=True, key="bertviz", bind="query-params"
    )
    for column, name, map_, (layer, head) in zip(st.columns(2), NAMES, maps, view.heads, strict=True):
        with column:
            st.html(markup.element("div", "dl-name", f"{name}, layer {layer + 1}"))
            st.iframe(bertviz_html(kind, map_, layer, head), height=min(120 + 24 * len(map_.labels), 800))
    st.caption(
        "How to read this: lines lead from the token that reads (left) to the tokens that are read (right), the "
        "stronger the line, the more weight. BertViz counts layers and heads from 0. The layer and the head are those "
        "chosen above; weights are rounded to four digits."
    )


def ablation(question: Question, view: View) -> None:
    """Both answers with the chosen heads switched off, and on request what every head does for the answer."""
    st.subheader("What if a head were off?")
    rows = []
    for name, checkpoint, head in zip(NAMES, question.sides, view.heads, strict=True):
        before = results.prediction(checkpoint, question.example)
        after = results.without_heads(checkpoint, question.example, (head,))
        rows.append((f"{name}, head {head[0] + 1}.{head[1] + 1} off", before.summary, after.summary))
    st.html(markup.table(("", "Before", "After"), rows))
    if st.toggle("Measure what every head does for the answer", key="sweep", bind="query-params"):
        _importance(question)
    st.caption(
        "How to read this: a head is off when nothing of what it read is passed on. Importance is how much the score "
        "(logit) of the teacher's answer drops in each model without that one head: blue heads support the answer, "
        "orange ones speak against it. Heads can stand in for one another, so a small drop does not mean that a head "
        "does nothing (Michel et al. 2019)."
    )


def _importance(question: Question) -> None:
    bar = st.progress(0.0, "Switching off one head after the other …")

    def show(share: float) -> None:
        bar.progress(share)

    found = results.head_importance(question.sides, question.example, progress=show)
    bar.empty()
    largest = max(float(abs(side.drops).max()) for side in found)
    for column, name, side in zip(st.columns(2), NAMES, found, strict=True):
        with column:
            st.html(markup.element("div", "dl-name", markup.escaped(f"{name}: drop for “{side.target.name}”")))
            st.plotly_chart(charts.importance_grid(side.drops, largest), config=CHART, key=f"{name} importance")
