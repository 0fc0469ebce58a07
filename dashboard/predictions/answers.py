"""Both models' answers, a function for each kind of task head; `heads.py` says which draws which."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.entities import TYPE_NAMES, Entities, key_of_entity, type_name
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.label_sets import LabelSet, label_by_label
from analysis.predictions.question_answering import SpanPredictions
from analysis.predictions.regression import Number, difference
from analysis.predictions.values import Prediction
from analysis.wording import per_cent
from dashboard.charts.probabilities import candidate_bars, label_bars
from dashboard.predictions.windows import by_window, read_in
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn
from dashboard.ui.markup import Mark
from dashboard.ui.theme import NAMES, SHORT

LIKELIEST = 5  # outcomes of each distribution


def classification(predictions: Sides[Classification], example: Example) -> None:
    _bars(predictions)
    st.caption(
        "One bar per label and model. Logits, the scores before softmax, still separate two models that are both near "
        "100%.",
        help="A model's probabilities add up to 1. Of logits, only the differences count.",
    )
    by_window(predictions, example)


def label_sets(predictions: Sides[LabelSet], example: Example) -> None:
    _bars(predictions)
    rows = [
        (one.label, *map(per_cent, one.probabilities), "yes" if one.agree else "no", f"{one.divergence:.3f}")
        for one in label_by_label(predictions)
    ]
    if rows:
        st.html(markup.table(("Label", *SHORT, "Same answer", "Divergence (bits)"), rows, numeric=(1, 2, 4)))
    st.caption(
        "Each label is a question of its own: it holds above 50%, so several may hold, or none.",
        help="A label's probability is the sigmoid of its logit. The divergence is Jensen–Shannon's of yes and no: 0 = "
        "identical, 1 = nothing in common.",
    )
    by_window(predictions, example)


def numbers(predictions: Sides[Number], example: Example) -> None:
    st.subheader("Number of each model")
    rows = [(name, one.wording, one.label) for name, one in zip(SHORT, predictions, strict=True)]
    rows.append(("Student less teacher", f"{difference(predictions):+.3f}", ""))
    st.html(markup.table(("", "Number", "Called"), rows, numeric=(1,)))
    st.caption(
        "The one output of each model, as it is. The difference says something only if both were trained on one scale.",
        help="Whether a number is right is not computed, so samples and data sets have no scores here.",
    )
    by_window(predictions, example)


def _bars(predictions: Sides[Any]) -> None:
    probabilities, logits = st.columns(2)
    with probabilities:
        st.subheader("Probability of each label")
        chart(drawn(label_bars, predictions), "probabilities")
    with logits:
        st.subheader("Logits")
        chart(drawn(label_bars, predictions, logits=True), "logits")


def mask_predictions(predictions: Sides[MaskPredictions], example: Example) -> None:
    for index, mask in enumerate(predictions.teacher.masks):
        number = f" {index + 1}" if len(predictions.teacher.masks) > 1 else ""
        st.subheader(f"Candidates for [MASK]{number}")
        st.html(markup.marked(example.text, [Mark(mask.start, mask.end)], "teacher"))
        chart(drawn(candidate_bars, predictions, index), f"mask {index + 1}")
    st.caption(
        "The likeliest word pieces of either model, each with its probability and its rank (#) in the whole "
        "vocabulary of both.",
        help="A piece that begins with ## continues the word before it. Every mask is filled on its own, without "
        "knowing what stands in the others.",
    )


def entities(predictions: Sides[Entities], example: Example) -> None:
    found = predictions.map(lambda entities: {key_of_entity(e): e for e in entities.entities})
    st.subheader("Entities in the text")
    windows = read_in(predictions.teacher.windows)
    for (side, name), own, other in zip(NAMES.items(), found, reversed(list(found)), strict=True):
        marks = [Mark(e.start, e.end, type_name(e.label), only=key not in other) for key, e in own.items()]
        st.html(
            markup.element("div", "dl-name", markup.escaped(name + windows)) + markup.marked(example.text, marks, side)
        )
    rows = [
        (entity.text, type_name(entity.label), *(per_cent(own[key].score) if key in own else "—" for own in found))
        for key, entity in sorted((found.teacher | found.student).items(), key=lambda item: item[0][1:])
    ]
    if rows:
        st.html(markup.table(("Entity", "Type", *SHORT), rows, numeric=(2, 3)))
    labels = dict.fromkeys(entity.label for side in found for entity in side.values())
    named = ", ".join(f"{type_name(label)} = {label}" for label in labels if label.lower() in TYPE_NAMES)
    st.caption(
        "A dashed frame marks what only this model found, or found with another extent or type.",
        help="The percentage is the mean probability of the entity's words."
        + (f" The types as the data set labels them: {named}." if named else ""),
    )


def span_predictions(predictions: Sides[SpanPredictions], example: Example) -> None:
    st.subheader("Answer in the context")
    for (side, name), answers in zip(NAMES.items(), predictions, strict=True):
        best = answers.answers[0]
        only = len({p.answer_key for p in predictions}) > 1
        marks = [] if answers.answer_key == "no answer" else [Mark(best.start, best.end, only=only)]
        st.html(
            markup.element("div", "dl-name", markup.escaped(name + read_in(answers.windows)))
            + markup.marked(example.text_pair or "", marks, side)
        )
    with st.container(key="ten_best"):
        st.subheader("Ten best answers of each")
        for column, name, answers in zip(st.columns(2), NAMES, predictions, strict=True):
            rows = [(str(rank), a.text, per_cent(a.probability)) for rank, a in enumerate(answers.answers, start=1)]
            if answers.no_answer is not None:
                rows.append(("", "(no answer in the context)", per_cent(answers.no_answer)))
            column.html(
                markup.element("div", "dl-name", name) + markup.table(("Rank", "Answer", "Probability"), rows, (0, 2))
            )
    st.caption(
        "The probability of a span among all spans of up to 30 tokens in the context. Dashed frames mark an answer "
        "that the other model does not give.",
        help="Answers that differ only in case, punctuation or articles count as the same, as in SQuAD's evaluation.",
    )


def distributions(predictions: Sides[Prediction], _: Example) -> None:
    """What either model gives most probability to, for a kind of head that has no panel of its own."""
    st.subheader("Likeliest outcomes")
    for column, name, prediction in zip(st.columns(2), NAMES, predictions, strict=True):
        cells = [
            (str(row + 1), prediction.outcomes[place], per_cent(float(probabilities[place])))
            for row, probabilities in enumerate(prediction.distributions)
            for place in (-probabilities).argsort(kind="stable")[:LIKELIEST]
        ]
        column.html(
            markup.element("div", "dl-name", name) + markup.table(("Place", "Outcome", "Probability"), cells, (0, 2))
        )
