"""What each model is asked about: its own answer where they differ, what either answers, or what the reader names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.models.pairs import Sides
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.heads import head_that_gave
from analysis.predictions.question_answering import ANSWER_PARTS, SpanPredictions, part_of_answer
from analysis.predictions.resolve import candidates_of_both, foils, own_targets
from analysis.predictions.targets import Target, contrast
from analysis.predictions.values import Prediction
from dashboard import address
from dashboard.attribution.own_target import piece
from dashboard.predictions.heads import view_of

NOTHING, OTHER, OWN_ANSWERS = Target((), "(no alternative)"), "another …", "each model's own answer"
IN_ADDRESS = {NOTHING.name: "nothing", OTHER: "other", OWN_ANSWERS: "own"}
ANSWER_PART = address.Choice(ANSWER_PARTS, "answer_part")
WHOLE = ANSWER_PART.first


@dataclass(frozen=True, slots=True)
class Places:
    """Where the choices are drawn: what is explained, the fields of a target of one's own, and the rest."""

    explained: DeltaGenerator
    fields: DeltaGenerator
    rest: DeltaGenerator


def target_picker(predictions: Sides[Prediction], places: Places) -> Sides[Target]:
    """Draws the choice and returns what each model is asked about.

    At first that is its own answer where the two differ, and else the teacher's. An older link that compares with an
    alternative is about the teacher's answer.
    """
    teacher, own = predictions.teacher, own_targets(predictions)
    targets, differ = candidates_of_both(predictions), own.teacher != own.student
    name_own = view_of(teacher).own_target
    named = {target.name: target for target in targets}
    names = [*([OWN_ANSWERS] if differ else []), *named, *([OTHER] if name_own else [])]
    default = OWN_ANSWERS if differ and address.says("rather") is None else targets[0].name
    _follow("target", default)
    with places.explained:
        name = _choice(_explain, "Explain", names, "target", default, in_links(targets, teacher))
    if name == OWN_ANSWERS:
        return _parts_of_both(own, teacher, places)
    with places.fields:
        chosen = name_own(teacher, "target") if name_own and name == OTHER else named[name]
    with places.rest:
        target = _contrasted(chosen, targets, teacher)
    return Sides(target, target)


def _follow(key: str, default: str) -> None:
    """Where the reader chose nothing for the last text, what is chosen is the default of this one."""
    before = st.session_state.get(f"{key} default")
    if before is not None and st.session_state.get(key) == before:
        st.session_state[key] = default
    st.session_state[f"{key} default"] = default


def _parts_of_both(own: Sides[Target], teacher: Prediction, places: Places) -> Sides[Target]:
    if not isinstance(teacher, SpanPredictions) or not all(target.terms[0].word for target in own):
        return own
    with places.rest:
        part = _part()
    return own.map(lambda target: part_of_answer(target, part))


def _contrasted(chosen: Target, targets: Sequence[Target], teacher: Prediction) -> Target:
    """The target, or its part, rather than an alternative if the reader names one."""
    has_parts = isinstance(teacher, SpanPredictions) and chosen.terms[0].word  # else there is no answer
    part = _part() if has_parts else WHOLE
    others = {other.name: other for other in (part_of_answer(other, part) for other in foils(chosen, targets, teacher))}
    if not others:
        return part_of_answer(chosen, part)
    own = partial(piece, teacher, mask=chosen.terms[0].word) if isinstance(teacher, MaskPredictions) else None
    names = [NOTHING.name, *others, *([OTHER] if own else [])]
    name = _choice(st.selectbox, "Compared with", names, "rather", NOTHING.name, in_links(others.values(), teacher))
    if name == NOTHING.name:
        return part_of_answer(chosen, part)
    return contrast(part_of_answer(chosen, part), own("rather") if own and name == OTHER else others[name])


def in_links(targets: Iterable[Target], prediction: Prediction) -> dict[str, str]:
    """The names that targets have in links, by those on screen."""
    head = head_that_gave(prediction)
    return {target.name: head.name_by_label(target) for target in targets}


def _explain(label: str, names: Sequence[str], **how: Any) -> Any:
    """A select box that has its label in the line of what is chosen."""
    return st.selectbox(label, names, **how | {"format_func": f"{label}: {{}}".format, "label_visibility": "collapsed"})


def _choice(
    widget: Callable[..., Any], label: str, names: Sequence[str], key: str, default: str, links: Mapping[str, str]
) -> str:
    """One of these targets by its name; `links` has those in the address."""
    in_address = {**links, **IN_ADDRESS}
    choice = address.Choice(names, key, default=default, named=lambda name: in_address.get(name, name))
    return choice.draw(widget, label)


def _part() -> str:
    """Whether all of an answer is asked about, or where it starts or ends alone."""
    return ANSWER_PART.draw(st.selectbox, "Which part")
