"""Words replaced, masked or deleted in place, with both answers and both attributions before and after.

The reader's edits stand in the address, are undone one by one, and leave the text on top as it is.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from analysis.arrays import Array
from analysis.attribution.edit_effect import EditEffect
from analysis.inputs.edits import Edit, Edited, edited
from analysis.inputs.examples import Example
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, half_pair, words_of_all
from analysis.predictions.resolve import carry_over
from analysis.predictions.targets import POINTS, Target
from analysis.wording import per_cent
from cache import attribution as remembered
from cache.predictions import prediction
from dashboard import address
from dashboard.attribution.controls import Controls, choose
from dashboard.attribution.tinted_text import SHARES, completeness, rows_of_texts, sign_legend, tinted
from dashboard.bench.examples import take_over
from dashboard.charts.attribution import DELETED, edit_effect_bars
from dashboard.export.columns import Columns
from dashboard.frame import Question, problems_shown
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import NAMES, SHORT

# A checksum of the texts, and for each edit the number of its word and what replaces it.
Changes = tuple[int, tuple[tuple[int, str | None], ...]]
KEY, TRIED = "edits", "tried edit"  # in the session
NO_CHANGES: Changes = (0, ())
NOTHING_EDITED = "Choose a word and replace, mask or delete it to see the effect on both models."
HELP = (
    f"{SHARES} After an edit the shares are still of all attribution in the original text, so that the two can be "
    "compared; several words in the place of one are summed. The target is the one chosen above and follows its words "
    "if they move. An edited text may read oddly, which can explain a part of any change."
)

# What each button puts in the place of the chosen word, from what the reader typed.
EDIT_ACTIONS: dict[str, Callable[[str], str | None]] = {
    "Replace": lambda typed: typed,
    "Mask": lambda typed: MASK,
    "Delete": lambda typed: None,
}


@dataclass(frozen=True, slots=True)
class Edits:
    """Edits of one text: those made, in turn, and one that is still to be tried."""

    example: Example
    made: tuple[Edit, ...] = ()
    tried: Edit | None = None


def edit_words(question: Question) -> None:
    """Both answers before and after, the form, the edits made so far, and their effect; the text on top stays."""
    controls = choose(question)
    above = st.container()  # filled once it is known whether the last edit could be made
    form = st.container()
    edits = _tried(controls)
    with form:
        _edit_form(edits)
        _undo_buttons(edits)
    with problems_shown():
        edit, after = _after(controls, edits.made)
        with above:
            _answers(controls, after)
        _attributions(controls, edit, after)


def _edits_of(example: Example) -> Edits:
    """Those of this text; another text begins without any."""
    texts, changes = st.session_state[address.keep(KEY, NO_CHANGES, CODEC)]
    tried = st.session_state.pop(TRIED, None)
    if texts != _checksum(example):
        return Edits(example)
    words = dict(enumerate(words_of_all(example.texts), start=1))
    made = [Edit(words[number], replacement) for number, replacement in changes if number in words]
    return Edits(example, _one_per_word(made), tried)


def _one_per_word(made: Sequence[Edit]) -> tuple[Edit, ...]:
    """The last edit of each word, at the place of its first."""
    return tuple({edit.word: edit for edit in made}.values())


def _keep(edits: Edits) -> None:
    """Makes these the edits of their text."""
    numbers = {word: number for number, word in enumerate(words_of_all(edits.example.texts), start=1)}
    changes = tuple((numbers[edit.word], edit.replacement) for edit in edits.made)
    st.session_state[KEY] = (_checksum(edits.example), changes)
    st.session_state[TRIED] = edits.tried


def _checksum(example: Example) -> int:
    return zlib.crc32("\n".join(example.texts).encode())


def _read(written: str) -> Changes:
    try:
        texts, changes = json.loads(written)
        read = int(texts), tuple((int(number), None if new is None else str(new)) for number, new in changes)
    except (OverflowError, RecursionError, TypeError) as error:
        raise ValueError(written) from error
    if any(half_pair(new or "") for _, new in read[1]):  # JSON can spell it
        raise ValueError(written)
    return read


CODEC: address.Codec[Changes] = address.Codec(
    _read, lambda changes: json.dumps(changes, ensure_ascii=False, separators=(",", ":"))
)


def _edit_form(edits: Edits) -> None:
    example = edits.example
    words = {_name(example, place, word): word for place, word in enumerate(words_of_all(example.texts), start=1)}
    with st.form("edit", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Word", list(words), key="edited_word", width=260)
        st.text_input("Replace with", key="edited_to", width=220)
        for action in EDIT_ACTIONS:
            st.form_submit_button(action, on_click=_try_edit, args=(edits, words, action))


def _undo_buttons(edits: Edits) -> None:
    """One line per edit with its button, and buttons that undo or adopt them all."""
    example, made = edits.example, edits.made
    for place, edit in enumerate(made):
        with st.container(horizontal=True, vertical_alignment="center"):
            left = replace(edits, made=made[:place] + made[place + 1 :])
            st.button("Undo", key=f"undo {place}", on_click=_keep, args=(left,))
            replacement = DELETED if edit.replacement is None else edit.replacement
            st.html(markup.escaped(f"{edit.word.text} → {replacement}"))
    if made:
        with st.container(horizontal=True):
            st.button("Undo all", on_click=_keep, args=(Edits(example),))
            after = edited(example, made).after
            st.button("Use this text everywhere", on_click=take_over, args=(after,))


def _try_edit(edits: Edits, words: Mapping[str, Word], action: str) -> None:
    word = words[st.session_state["edited_word"]]
    _keep(replace(edits, tried=Edit(word, EDIT_ACTIONS[action](st.session_state["edited_to"]))))


def _name(example: Example, place: int, word: Word) -> str:
    """A word by its number, and the name of its text if there are two."""
    fields = TASKS[example.task].fields
    return f"{place} {word.text}" + (f" ({fields[word.field].lower()})" if len(fields) > 1 else "")


def _tried(controls: Controls) -> Edits:
    """The edits with the one to be tried, if the models can answer then; else without it, and the reason is shown.

    An edit that was made empties its field; the button after it, pressed once more, makes none.
    """
    edits = _edits_of(controls.question.example)
    if edits.tried is None:
        return edits
    settled = replace(edits, tried=None)
    with problems_shown():
        if not _is_made(edits):
            made = _one_per_word((*edits.made, edits.tried))
            _after(controls, made)[1].attributions()
            settled = replace(settled, made=made)
        st.session_state["edited_to"] = ""
    _keep(settled)
    return settled


def _is_made(edits: Edits) -> bool:
    """Whether the word has this replacement already, or another and the field is empty since."""
    replacements = {edit.word: edit.replacement for edit in edits.made}
    return (
        edits.tried is not None
        and edits.tried.word in replacements
        and (edits.tried.replacement in ("", replacements[edits.tried.word]))
    )


def _after(controls: Controls, made: Sequence[Edit]) -> tuple[Edited, Controls]:
    """The edited text, and the same choices for it."""
    edit = edited(controls.question.example, made)
    question = replace(controls.question, example=edit.after)
    targets = controls.targets.map(lambda target: carry_over(target, edit))
    return edit, replace(controls, question=question, targets=targets)


def _answers(controls: Controls, after: Controls) -> None:
    """Both models' answers, and the score and probability of their targets: now, or before and after the edits."""
    edited = after.question.example != controls.question.example
    rows, changes = [], []
    for name, *requests in zip(SHORT, controls.requests, after.requests, strict=True):
        requests = requests if edited else requests[:1]
        target_scores = [remembered.score_target(request) for request in requests]
        answers = [prediction(request.checkpoint, request.example).summary for request in requests]
        held = [
            per_cent(one.probability) if one.probability is not None else f"{one.score:.3f}" for one in target_scores
        ]
        scores = [f"{target_score.score:+.2f}" for target_score in target_scores]
        target = requests[0].target
        rows.append((name, *answers, f"“{target.name}”: {' → '.join(held)}", " → ".join(scores)))
        changes.append((name.lower(), target, " to ".join(held)))
    controls.say(_change(changes, controls.about_one_target) if edited else NOTHING_EDITED)
    titles = ("Answer before", "Answer after") if edited else ("Answer",)
    unit = controls.targets.teacher.unit
    st.html(markup.table(("", *titles, "Number" if unit == POINTS else "Probability", f"Score ({unit})"), rows))


def _change(changes: Sequence[tuple[str, Target, str]], about_one_target: bool) -> str:
    """How the probability of each model's target changes, or its number, in a sentence."""
    (teacher, target, first), (student, other, second) = changes
    if about_one_target:
        what = "number" if target.unit == POINTS else f"probability of “{target.name}”"
        return f"The {what} goes from {first} in the {teacher}, from {second} in the {student}."
    return (
        f"The probability of “{target.name}” goes from {first} in the {teacher}, that of “{other.name}” from {second} "
        f"in the {student}."
    )


def _attributions(controls: Controls, edit: Edited, after: Controls) -> None:
    """Both attributions before and after, on one scale."""
    attributions = after.attributions()
    controls.attributions()  # each with its progress
    effect = remembered.edit_effect(edit, controls.requests, after.requests, controls.method)
    largest = max(float(abs(shares).max()) for shares in (*effect.before, *effect.after))
    originals = [(word,) for word in effect.words]

    def text(example: Example, places: Sequence[tuple[Word, ...]], shares: Array, side: str) -> str:
        return tinted(example, places, shares.tolist(), largest, side, effect.edited)

    if edit.edits:
        st.html(markup.element("p", "", markup.escaped(effect.finding)))
    rows = []
    for (side, name), target in zip(NAMES.items(), controls.targets, strict=True):
        about = "before" if edit.edits else f"Why “{target.name}”?"
        rows.append((name, about, text(edit.before, originals, effect.before[side], side)))
        if edit.edits:
            rows.append(("", "after", text(edit.after, effect.replacements, effect.after[side], side)))
    rows_of_texts(rows)
    st.caption(f"{sign_legend(controls.method)}{' Frames mark edited words.' if edit.edits else ''}", help=HELP)
    if edit.edits:
        chart(drawn(edit_effect_bars, effect), "attribution before and after")
        completeness(attributions)
        numbers("Data table", "attribution before and after", lambda: _table(effect))


def _table(effect: EditEffect) -> Columns:
    columns: Columns = {
        "Place": list(range(1, len(effect.words) + 1)),
        "Word before": [word.text for word in effect.words],
        "Word after": [" ".join(word.text for word in replacement) for replacement in effect.replacements],
    }
    for name, before, after in zip(SHORT, effect.before, effect.after, strict=True):
        columns[f"{name}: before"] = before.round(6).tolist()
        columns[f"{name}: after"] = after.round(6).tolist()
    return columns
