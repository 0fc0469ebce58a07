"""The target that both models are asked about: what either answers, or what the reader names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from analysis.errors import AnalysisError
from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from analysis.predictions.targets import (
    NO_ENTITY,
    OUTSIDE,
    PARTS,
    Aim,
    entity,
    kinds,
    offered,
    part,
    piece_in,
    rather,
    rivals,
    stretch,
)
from analysis.predictions.values import Answers, Entities, Fills, Prediction

NOTHING, OTHER = Aim((), "(nothing)"), "another …"
WHOLE = next(iter(PARTS))


def target(predictions: Sides[Prediction]) -> Aim:
    """Draws the choice and returns it: the teacher's answer unless another is chosen, or one rather than another."""
    teacher, aims = predictions.teacher, offered(predictions)
    chosen = _choice("Why", aims, "target", OWN.get(type(teacher)), teacher)
    key = _part(chosen) if isinstance(teacher, Answers) else WHOLE
    others = [part(other, key) for other in rivals(chosen, aims, teacher)]
    if not others:
        return part(chosen, key)
    own = partial(_piece, mask=chosen.claims[0].word) if isinstance(teacher, Fills) else None
    other = _choice("rather than", [NOTHING, *others], "rather", own, teacher)
    return rather(part(chosen, key), other) if other.claims else part(chosen, key)


def _choice(label: str, aims: Sequence[Aim], key: str, own: Callable[..., Aim] | None, prediction: Prediction) -> Aim:
    """One of these aims by its name, or what `own` makes of the reader's words."""
    named = {aim.name: aim for aim in aims}
    name = st.selectbox(label, [*named, *([OTHER] if own else [])], key=key, bind="query-params", width=200)
    return own(prediction, key) if own and name == OTHER else named[name]


def _part(aim: Aim) -> str:
    """Of an answer, whether all of it is asked about, or where it starts or ends alone."""
    if not aim.claims[0].word:  # there is no answer
        return WHOLE
    return str(st.selectbox("Which part", list(PARTS), key="answer_part", bind="query-params", width=140))


def _piece(prediction: Fills, key: str, mask: Word | None = None) -> Aim:
    """Any word piece of the vocabulary, in a mask that is asked for where there are several."""
    place = prediction.masks.index(mask) if mask else 0
    if not mask and len(prediction.masks) > 1:
        numbers = range(1, len(prediction.masks) + 1)
        place = st.selectbox("In mask", numbers, key=f"{key}_mask", bind="query-params", width=100) - 1
    (_, (second, _)) = prediction.best(place, 2)
    piece = st.text_input("Word piece", second, key=f"{key}_piece", bind="query-params", width=140).strip()
    if not piece:
        raise AnalysisError("Type the word piece that is to be asked about, or choose one of those that are offered.")
    return piece_in(prediction, place, piece)


def _entity(prediction: Entities, key: str) -> Aim:
    """Any stretch of the text with any type."""
    words = _stretch(prediction.words, key)
    ordered = sorted(kinds(prediction), key=lambda kind: kind == OUTSIDE)  # none comes last
    names = {NO_ENTITY if kind == OUTSIDE else kind: kind for kind in ordered}
    return entity(words, names[st.selectbox("As", list(names), key=f"{key}_type", bind="query-params", width=120)])


def _answer(prediction: Answers, key: str) -> Aim:
    """Any stretch of the context."""
    return stretch(_stretch(prediction.words, key))


def _stretch(words: Sequence[Word], key: str) -> Sequence[Word]:
    names = [f"{place} {word.text}" for place, word in enumerate(words, start=1)]
    first = st.selectbox("From", names, key=f"{key}_from", bind="query-params", width=150)
    rest = names[names.index(first) :]
    last = st.selectbox("To", rest, key=f"{key}_to", bind="query-params", width=150)
    return words[names.index(first) : names.index(last) + 1]


# How a target of the reader's own is asked for, by the kind of answer; labels are all offered.
OWN: dict[type, Callable[..., Aim]] = {Fills: _piece, Entities: _entity, Answers: _answer}
