"""Panels: a value in, drawn with Streamlit. Each says in one line how to read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analysis.inputs.examples import Example
from analysis.models.architecture import Architecture
from analysis.models.model import Model
from analysis.models.pairs import Pair, Sides
from analysis.models.tokens import Tokens
from analysis.predictions.values import Classification, Entities, MaskPredictions, SpanPredictions
from analysis.wording import per_cent
from dashboard.charts.probabilities import candidate_bars, label_bars
from dashboard.ui import markup
from dashboard.ui.figures import chart
from dashboard.ui.markup import Mark
from dashboard.ui.theme import NAMES, SHORT


def prediction(predictions: Sides[Any], example: Example) -> None:
    """Both models' answers, drawn as their kind asks for."""
    PANELS[type(predictions.teacher)](predictions, example)


def _classification(predictions: Sides[Classification], _: Example) -> None:
    probabilities, logits = st.columns(2)
    with probabilities:
        st.subheader("Probability of each label")
        chart(label_bars(predictions), "probabilities")
    with logits:
        st.subheader("Logits")
        chart(label_bars(predictions, logits=True), "logits")
    st.caption(
        "How to read this: each label has one bar a model, and a model's probabilities add up to 1. The logits are the "
        "scores before softmax: only their differences count, and they still tell apart two models that are both sure."
    )


def _fills(predictions: Sides[MaskPredictions], example: Example) -> None:
    for index, mask in enumerate(predictions.teacher.masks):
        number = f" {index + 1}" if len(predictions.teacher.masks) > 1 else ""
        st.subheader(f"Candidates for [MASK]{number}")
        st.html(markup.marked(example.text, [Mark(mask.start, mask.end)], "teacher"))
        chart(candidate_bars(predictions, index), f"mask {index + 1}")
    st.caption(
        "How to read this: the likeliest word pieces of either model, each with its probability and its rank (#) among "
        "the whole vocabulary in both. A piece that begins with ## continues the word before it. Every mask is filled "
        "on its own, without knowing what stands in the others."
    )


def _entities(predictions: Sides[Entities], example: Example) -> None:
    found = predictions.map(lambda entities: {(e.label, e.start, e.end): e for e in entities.entities})
    st.subheader("Entities in the text")
    for (side, name), own, other in zip(NAMES.items(), found, reversed(list(found)), strict=True):
        marks = [Mark(e.start, e.end, e.label, only=key not in other) for key, e in own.items()]
        st.html(markup.element("div", "dl-name", name) + markup.marked(example.text, marks, side))
    rows = [
        (entity.text, entity.label, *(per_cent(own[key].score) if key in own else "—" for own in found))
        for key, entity in sorted((found.teacher | found.student).items(), key=lambda item: item[0][1:])
    ]
    if rows:
        st.html(markup.table(("Entity", "Type", *SHORT), rows, numeric=(2, 3)))
    st.caption(
        "How to read this: a dashed frame marks what only this model found, or found with another extent or type. "
        "The percentage is the mean probability of the entity's words."
    )


def _answers(predictions: Sides[SpanPredictions], example: Example) -> None:
    st.subheader("Answer in the context")
    for (side, name), answers in zip(NAMES.items(), predictions, strict=True):
        best = answers.answers[0]
        only = len({p.answer_key for p in predictions}) > 1
        marks = [] if answers.answer_key == "no answer" else [Mark(best.start, best.end, only=only)]
        windows = f" · read in {answers.windows} overlapping windows" if answers.windows > 1 else ""
        st.html(
            markup.element("div", "dl-name", markup.escaped(name + windows))
            + markup.marked(example.text_pair or "", marks, side)
        )
    st.subheader("Ten best answers of each")
    for column, name, answers in zip(st.columns(2), NAMES, predictions, strict=True):
        rows = [(str(rank), a.text, per_cent(a.probability)) for rank, a in enumerate(answers.answers, start=1)]
        if answers.no_answer is not None:
            rows.append(("", "(no answer in the context)", per_cent(answers.no_answer)))
        column.html(
            markup.element("div", "dl-name", name) + markup.table(("Rank", "Answer", "Probability"), rows, (0, 2))
        )
    st.caption(
        "How to read this: the probability of a stretch among all stretches of up to 30 tokens in the context. Dashed "
        "frames mark an answer that the other model does not give."
    )


PANELS: dict[type, Callable[[Any, Example], None]] = {
    Classification: _classification,
    MaskPredictions: _fills,
    Entities: _entities,
    SpanPredictions: _answers,
}


def tokens(windows: Sides[tuple[Tokens, ...]]) -> None:
    """The text cut into tokens, as each model sees it; long contexts show their first window."""
    with st.expander("Tokens, as each model sees the text"):
        for name, sequences in zip(NAMES, windows, strict=True):
            first = sequences[0]
            more = f" in the first of {len(sequences)} windows" if len(sequences) > 1 else ""
            added = (first.fields < 0).tolist()
            st.html(
                markup.element("div", "dl-name", f"{name}: {len(first)} tokens{more}")
                + markup.token_row(zip(first.pieces, added, strict=True))
            )
        st.caption(
            "How to read this: one box a token. Boxes that hang together make one word: a piece that begins with ## "
            "continues it. Dotted boxes were added by the tokenizer: [CLS] stands for the whole, [SEP] ends a part."
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the architecture table; `scale` is the unit that the label names, in parameters or bytes."""

    label: str
    value: Callable[[Architecture], float]
    scale: float = 1.0


ARCHITECTURE = (
    Row("Layers", lambda a: a.layers),
    Row("Attention heads a layer", lambda a: a.heads),
    Row("Hidden size", lambda a: a.width),
    Row("Feed-forward size", lambda a: a.feed_forward),
    Row("Vocabulary (word pieces)", lambda a: a.vocabulary),
    Row("Longest input (tokens)", lambda a: a.positions),
    Row("Parameters in embeddings (M)", lambda a: a.embedding_parameters, 1e6),
    Row("Parameters in encoder (M)", lambda a: a.encoder_parameters, 1e6),
    Row("Parameters in task head (M)", lambda a: a.head_parameters, 1e6),
    Row("All parameters (M)", lambda a: a.parameters, 1e6),
    Row("Size on disk (MB)", lambda a: a.disk_bytes, 1e6),
    Row("Size in memory (MB)", lambda a: a.memory_bytes, 1e6),
)


def architecture(sizes: Sides[Architecture]) -> None:
    """Both models' sizes, and by how much the student differs."""
    st.subheader("Architecture")
    st.html(markup.table(("", *SHORT, "Difference"), [_cells(row, sizes) for row in ARCHITECTURE], numeric=(1, 2, 3)))
    st.caption(
        "How to read this: the difference is the student's relative to the teacher's. The task head counts all that is "
        "not embeddings or encoder (in BERT also the pooler); a decoder tied to the embeddings is counted there. In "
        "memory the weights are float32. On disk, an adapter counts together with its base."
    )


def _cells(row: Row, sizes: Sides[Architecture]) -> tuple[str, ...]:
    teacher, student = sizes.map(row.value)
    if not teacher:
        return row.label, "—", "—", "—"  # random weights are on no disk
    shown = [f"{value / row.scale:,.{0 if row.scale == 1 else 2}f}" for value in (teacher, student)]
    return row.label, *shown, difference(teacher, student)


def difference(teacher: float, student: float) -> str:
    """The student's size relative to the teacher's, in per cent; small differences are not rounded away.

    >>> difference(100, 61), difference(10_000, 9_999), difference(12, 12)
    ('-39.0 %', '-0.01 %', 'same')
    """
    if teacher == student:
        return "same"
    change = 100 * (student / teacher - 1)
    return f"{change:+.1f} %" if abs(change) >= 0.05 else f"{change:+.1g} %"


def origin(pair: Pair, models: Sides[Model]) -> None:
    """Where the two models come from, and what identifies them."""
    st.subheader("Origin")
    st.html(markup.note(pair.about))
    rows = [
        ("Checkpoint", *models.map(lambda model: model.checkpoint.name)),
        ("Adapter to", *models.map(lambda model: model.base or "—")),
        ("Architecture", *models.map(lambda model: model.architecture)),
        ("Revision", *models.map(lambda model: model.revision or "—")),
        ("Fingerprint", *models.map(lambda model: model.fingerprint[:16])),
    ]
    st.html(markup.table(("", *NAMES), rows))
    st.caption(
        "How to read this: an adapter holds what fine-tuning changed in a checkpoint, and is merged into its weights. "
        "The revision is the hub's commit. The fingerprint is the beginning of a SHA-256 over weights, configuration, "
        "tokenizer and label names: equal fingerprints give equal answers."
    )
