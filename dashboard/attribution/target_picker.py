"""The target that both models are asked about: what either answers, or what the reader names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from analysis.models.pairs import Sides
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.question_answering import ANSWER_PARTS, SpanPredictions, part_of_answer
from analysis.predictions.resolve import candidates_of_both, foils
from analysis.predictions.targets import Target, contrast
from analysis.predictions.values import Prediction
from dashboard import address
from dashboard.attribution.own_target import piece
from dashboard.predictions.heads import view_of

NOTHING, OTHER = Target((), "(nothing)"), "another …"
WHOLE = next(iter(ANSWER_PARTS))


def target_picker(predictions: Sides[Prediction]) -> Target:
    """Draws the choice and returns it: the teacher's answer unless another is chosen, or one rather than another."""
    teacher, targets = predictions.teacher, candidates_of_both(predictions)
    chosen = _choice("Why", targets, "target", view_of(teacher).own_target, teacher)
    key = _part(chosen) if isinstance(teacher, SpanPredictions) else WHOLE
    others = [part_of_answer(other, key) for other in foils(chosen, targets, teacher)]
    if not others:
        return part_of_answer(chosen, key)
    own = partial(piece, mask=chosen.terms[0].word) if isinstance(teacher, MaskPredictions) else None
    other = _choice("rather than", [NOTHING, *others], "rather", own, teacher)
    return contrast(part_of_answer(chosen, key), other) if other.terms else part_of_answer(chosen, key)


def _choice(
    label: str, targets: Sequence[Target], key: str, own: Callable[..., Target] | None, prediction: Prediction
) -> Target:
    """One of these aims by its name, or what `own` makes of the reader's words."""
    named = {target.name: target for target in targets}
    name = address.choose(st.selectbox, label, [*named, *([OTHER] if own else [])], key, named=_in_address, width=200)
    return own(prediction, key) if own and name == OTHER else named[name]


def _in_address(name: str) -> str:
    return "other" if name == OTHER else name


def _part(target: Target) -> str:
    """Of an answer, whether all of it is asked about, or where it starts or ends alone."""
    if not target.terms[0].word:  # there is no answer
        return WHOLE
    return address.choose(st.selectbox, "Which part", ANSWER_PARTS, "answer_part", width=140)
