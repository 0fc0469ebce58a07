"""Words replaced, masked or deleted in place, with both answers and both attributions before and after.

The reader's edits stand in the address, are undone one by one, and leave the text on top as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import streamlit as st

from analysis.attribution.edit_effect import EditEffect
from analysis.inputs.edits import Edit, Edited, edited
from analysis.inputs.examples import Example
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, words_of_all
from cache import attribution as remembered
from dashboard import address
from dashboard.attribution.before_and_after import (
    KEY,
    NO_CHANGES,
    Changes,
    asked_after,
    before_and_after,
    changes_of,
    checksum,
    edits_of,
    one_per_word,
    read_changes,
    tinted_rows,
    write_changes,
)
from dashboard.attribution.controls import Controls, choose
from dashboard.attribution.tinted_text import SHARES, completeness, rows_of_texts, sign_legend
from dashboard.bench.examples import take_over
from dashboard.charts.attribution import DELETED, edit_effect_bars
from dashboard.export.columns import Columns
from dashboard.frame import Question, problems_shown
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import SHORT

TRIED = "tried edit"  # in the session
CODEC: address.Codec[Changes] = address.Codec(read_changes, write_changes)
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
    """The form, the edits made so far, both answers before and after, and the words; the text on top stays."""
    controls = choose(question)
    form = st.container()  # filled once it is known whether the last edit could be made
    edits = _tried(controls)
    with form:
        _edit_form(edits)
        _undo_buttons(edits)
    with problems_shown():
        _effect(controls, edited(question.example, edits.made))


def _edits_of(example: Example) -> Edits:
    """Those of this text; another text begins without any."""
    changes = st.session_state[address.keep(KEY, NO_CHANGES, CODEC)]
    tried = st.session_state.pop(TRIED, None)
    if changes[0] != checksum(example):
        return Edits(example)
    return Edits(example, edits_of(example, changes), tried)


def _keep(edits: Edits) -> None:
    """Makes these the edits of their text."""
    st.session_state[KEY] = changes_of(edits.example, edits.made)
    st.session_state[TRIED] = edits.tried


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
            made = one_per_word((*edits.made, edits.tried))
            _about(controls, edited(controls.question.example, made)).attributions()
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


def _effect(controls: Controls, edit: Edited) -> None:
    """Both answers and both attributions before and after, the latter on one scale."""
    later = asked_after(controls.requests, edit)
    answers = before_and_after(controls.requests, later)
    controls.say(answers.sentence or NOTHING_EDITED)
    with st.container(key="edited_words"):
        st.html(markup.table(answers.header, answers.rows))
        for one in (controls, _about(controls, edit)):
            one.attributions()  # each with its progress
        effect = remembered.edit_effect(edit, controls.requests, later, controls.method)
        if edit.edits:
            st.html(markup.element("p", "", markup.escaped(effect.finding)))
        rows_of_texts(tinted_rows(edit, effect, controls.targets))
    st.caption(f"{sign_legend(controls.method)}{' Frames mark edited words.' if edit.edits else ''}", help=HELP)
    if edit.edits:
        chart(drawn(edit_effect_bars, effect), "attribution before and after")
        completeness(_about(controls, edit).attributions())
        numbers("Data table", "attribution before and after", lambda: _table(effect))


def _about(controls: Controls, edit: Edited) -> Controls:
    """The same choices for the edited text."""
    targets = asked_after(controls.requests, edit).map(lambda request: request.target)
    return replace(controls, question=replace(controls.question, example=edit.after), targets=targets)


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
