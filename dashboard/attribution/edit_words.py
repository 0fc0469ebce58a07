"""Words of the text changed, masked or dropped in place: both answers and both attributions before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analysis.attribution.edit_effect import Moved, moved
from analysis.inputs.edits import Edit, Edited, edited
from analysis.predictions.resolve import carry_over
from analysis.wording import per_cent
from cache import attribution as remembered
from cache import remember as results
from dashboard.attribution.controls import Asked
from dashboard.attribution.edits import Edits, choices, edits_of, keep
from dashboard.attribution.tinted_text import accounts, signs, tinted
from dashboard.charts.attribution import moved_bars
from dashboard.frame import problems_shown
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import NAMES, SHORT


def edit_a_word(asked: Asked) -> None:
    """The choices, the edits made so far, and what they do; the text in the sidebar stays as it is."""
    above = st.container()  # filled once it is known whether the last edit could be made
    edits = _tried(asked)
    with above:
        choices(edits)
    if not edits.made:
        st.html(markup.note("Choose a word and change, mask or drop it: what that does to both models is shown here."))
        return
    with problems_shown():
        found, after = _after(asked, edits.made)
        _answers(asked, after)
        _words(asked, found, after)


def _tried(asked: Asked) -> Edits:
    """The edits with the one that was asked for, if the models can answer then; else without it, and it is said why."""
    edits = edits_of(asked.question.example)
    if edits.tried is None:
        return edits
    settled = replace(edits, tried=None)
    with problems_shown():
        made = (*edits.made, edits.tried)
        _after(asked, made)[1].told()
        settled = replace(settled, made=made)
    keep(settled)
    return settled


def _after(asked: Asked, made: Sequence[Edit]) -> tuple[Edited, Asked]:
    """The edited text, and the same question about it."""
    found = edited(asked.question.example, made)
    question = replace(asked.question, example=found.after)
    return found, replace(asked, question=question, target=carry_over(asked.target, found))


def _answers(asked: Asked, after: Asked) -> None:
    """What both answer before and after, and how likely they hold what is asked."""
    rows, likely = [], []
    for name, *sides in zip(SHORT, asked.sides, after.sides, strict=True):
        stands = [remembered.score_target(side) for side in sides]
        chances = [per_cent(one.probability) for one in stands]
        scores = [f"{one.score:+.2f}" for one in stands]
        rows += [
            (f"{name}: answer", *(results.prediction(side.checkpoint, side.example).summary for side in sides)),
            (f"{name}: probability", *chances),
            (f"{name}: score (logits)", *scores),
        ]
        likely.append(f"from {' to '.join(chances)} ({' to '.join(scores)} logits) for the {name.lower()}")
    st.html(markup.note(f"The probability of “{asked.target.name}” goes {', '.join(likely)}."))
    st.html(markup.table(("", "Before", "After"), rows))


def _words(asked: Asked, found: Edited, after: Asked) -> None:
    """Both attributions before and after, on one scale."""
    told = after.told()
    what = moved(found, asked.told(), told)
    st.html(markup.element("p", "", markup.escaped(what.finding)))
    largest = max(float(abs(shares).max()) for shares in (*what.before, *what.after))
    for (side, name), before, shares, one in zip(NAMES.items(), what.before, what.after, told, strict=True):
        left, right = st.columns(2)
        words = [(word,) for word in what.words]
        for column, when, example, places, values in (
            (left, "before", found.before, words, before),
            (right, "after", found.after, what.places, shares),
        ):
            text = tinted(example, places, values.tolist(), largest, side, what.edited)
            column.html(markup.element("div", "dl-name", f"{name}, {when}") + text)
        accounts(name, one)
    whole = "the change of the score" if what.of_change else "all values of the method"
    chart(moved_bars(what), "attribution before and after")
    st.caption(
        f"How to read this: {signs(asked.method)}; frames are around what was edited. All shares are of {whole} of the "
        "text as it was, also those after the edit, so that the two can be compared; what stands in the place of one "
        "word is taken together. The target is the one chosen above, and moves along where its words do. An edited "
        "text may read oddly: part of any change is that."
    )
    numbers("The numbers as a table", "attribution before and after", lambda: _table(what))


def _table(what: Moved) -> dict[str, Sequence[object]]:
    columns: dict[str, Sequence[object]] = {
        "Place": list(range(1, len(what.words) + 1)),
        "Word before": [word.text for word in what.words],
        "Word after": [" ".join(word.text for word in place) for place in what.places],
    }
    for name, before, after in zip(SHORT, what.before, what.after, strict=True):
        columns[f"{name}: before"] = before.round(6).tolist()
        columns[f"{name}: after"] = after.round(6).tolist()
    return columns
