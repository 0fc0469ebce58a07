"""A target that the reader names, a function for each kind of task head; `heads.py` of the predictions says which."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.errors import AnalysisError
from analysis.inputs.edits import LONGEST
from analysis.inputs.examples import check_text
from analysis.inputs.words import Word
from analysis.predictions.entities import NO_ENTITY, Entities, entity_target, entity_types, type_name
from analysis.predictions.fill_mask import MaskPredictions, piece_at_mask
from analysis.predictions.question_answering import SpanPredictions, span_target
from analysis.predictions.tags import OUTSIDE
from analysis.predictions.targets import Target
from dashboard import address


def piece(prediction: MaskPredictions, key: str, mask: Word | None = None) -> Target:
    """Any word piece of the vocabulary, in a mask that is asked for where there are several."""
    place = prediction.masks.index(mask) if mask else 0
    if not mask and len(prediction.masks) > 1:
        numbers = range(1, len(prediction.masks) + 1)
        place = address.Choice(numbers, f"{key}_mask").draw(st.selectbox, "In mask", width=100) - 1
    (_, (second, _)) = prediction.best(place, 2)
    piece = st.text_input("Word piece", key=address.keep(f"{key}_piece", second, address.TEXT), width=140).strip()
    if not piece:
        raise AnalysisError("Type the word piece that is to be asked about, or choose one of those that are offered.")
    check_text("Word piece", piece, LONGEST)
    return piece_at_mask(prediction, place, piece)


def entity(prediction: Entities, key: str) -> Target:
    """Any stretch of the text with any type."""
    words = _words(prediction.words, key)
    ordered = sorted(entity_types(prediction), key=lambda kind: kind == OUTSIDE)  # none comes last
    names = {NO_ENTITY if kind == OUTSIDE else kind: kind for kind in ordered}
    return entity_target(words, names[address.Choice(names, f"{key}_type", title=type_name).draw(st.selectbox, "As")])


def span(prediction: SpanPredictions, key: str) -> Target:
    """Any stretch of the context."""
    return span_target(_words(prediction.words, key))


def _number(name: str) -> str:
    return name.partition(" ")[0]


def _words(words: Sequence[Word], key: str) -> Sequence[Word]:
    names = [f"{place} {word.text}" for place, word in enumerate(words, start=1)]
    first = address.Choice(names, f"{key}_from", named=_number).draw(st.selectbox, "From", width=150)
    rest = names[names.index(first) :]
    last = address.Choice(rest, f"{key}_to", named=_number).draw(st.selectbox, "To", width=150)
    return words[names.index(first) : names.index(last) + 1]
