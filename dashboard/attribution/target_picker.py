"""The target that both models are asked about: what either answers, or what the reader names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from analysis.errors import AnalysisError
from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from analysis.predictions.targets import (
    ANSWER_PARTS,
    NO_ENTITY,
    OUTSIDE,
    Target,
    candidates_of_both,
    contrast,
    entity_target,
    entity_types,
    foils,
    part_of_answer,
    piece_at_mask,
    span_target,
)
from analysis.predictions.values import Entities, MaskPredictions, Prediction, SpanPredictions

NOTHING, OTHER = Target((), "(nothing)"), "another …"
WHOLE = next(iter(ANSWER_PARTS))


def target_picker(predictions: Sides[Prediction]) -> Target:
    """Draws the choice and returns it: the teacher's answer unless another is chosen, or one rather than another."""
    teacher, targets = predictions.teacher, candidates_of_both(predictions)
    chosen = _choice("Why", targets, "target", OWN.get(type(teacher)), teacher)
    key = _part(chosen) if isinstance(teacher, SpanPredictions) else WHOLE
    others = [part_of_answer(other, key) for other in foils(chosen, targets, teacher)]
    if not others:
        return part_of_answer(chosen, key)
    own = partial(_piece, mask=chosen.terms[0].word) if isinstance(teacher, MaskPredictions) else None
    other = _choice("rather than", [NOTHING, *others], "rather", own, teacher)
    return contrast(part_of_answer(chosen, key), other) if other.terms else part_of_answer(chosen, key)


def _choice(
    label: str, targets: Sequence[Target], key: str, own: Callable[..., Target] | None, prediction: Prediction
) -> Target:
    """One of these aims by its name, or what `own` makes of the reader's words."""
    named = {target.name: target for target in targets}
    name = st.selectbox(label, [*named, *([OTHER] if own else [])], key=key, bind="query-params", width=200)
    return own(prediction, key) if own and name == OTHER else named[name]


def _part(target: Target) -> str:
    """Of an answer, whether all of it is asked about, or where it starts or ends alone."""
    if not target.terms[0].word:  # there is no answer
        return WHOLE
    return str(st.selectbox("Which part", list(ANSWER_PARTS), key="answer_part", bind="query-params", width=140))


def _piece(prediction: MaskPredictions, key: str, mask: Word | None = None) -> Target:
    """Any word piece of the vocabulary, in a mask that is asked for where there are several."""
    place = prediction.masks.index(mask) if mask else 0
    if not mask and len(prediction.masks) > 1:
        numbers = range(1, len(prediction.masks) + 1)
        place = st.selectbox("In mask", numbers, key=f"{key}_mask", bind="query-params", width=100) - 1
    (_, (second, _)) = prediction.best(place, 2)
    piece = st.text_input("Word piece", second, key=f"{key}_piece", bind="query-params", width=140).strip()
    if not piece:
        raise AnalysisError("Type the word piece that is to be asked about, or choose one of those that are offered.")
    return piece_at_mask(prediction, place, piece)


def _entity(prediction: Entities, key: str) -> Target:
    """Any stretch of the text with any type."""
    words = _stretch(prediction.words, key)
    ordered = sorted(entity_types(prediction), key=lambda kind: kind == OUTSIDE)  # none comes last
    names = {NO_ENTITY if kind == OUTSIDE else kind: kind for kind in ordered}
    return entity_target(
        words, names[st.selectbox("As", list(names), key=f"{key}_type", bind="query-params", width=120)]
    )


def _answer(prediction: SpanPredictions, key: str) -> Target:
    """Any stretch of the context."""
    return span_target(_stretch(prediction.words, key))


def _stretch(words: Sequence[Word], key: str) -> Sequence[Word]:
    names = [f"{place} {word.text}" for place, word in enumerate(words, start=1)]
    first = st.selectbox("From", names, key=f"{key}_from", bind="query-params", width=150)
    rest = names[names.index(first) :]
    last = st.selectbox("To", rest, key=f"{key}_to", bind="query-params", width=150)
    return words[names.index(first) : names.index(last) + 1]


# How a target of the reader's own is asked for, by the kind of answer; labels are all offered.
OWN: dict[type, Callable[..., Target]] = {MaskPredictions: _piece, Entities: _entity, SpanPredictions: _answer}
