"""Panel: where each word of the reader's text goes, and both models' words in one plane."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.similarity.representations import vectors_of
from analysis.similarity.word_drift import Drift, drift, plane
from analysis.wording import per_cent
from dashboard.charts import word_drift as charts
from dashboard.export.similarity import drift_table, plane_table
from dashboard.similarity.controls import Asked
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.linked_hover import link
from dashboard.ui.theme import SHORT

MOST_DRIFTED = 5
PLANE, DRIFT = "plane of words", "drift of words"


def words(asked: Asked) -> None:
    """Cosines by word and layer, the words that drift most, and a plane of two layers."""
    traces = asked.traces()
    vectors = vectors_of(traces, "word")
    names = shared_words(traces)
    nearest = asked.corpus_maps().across.nearest
    matched = [max(int(layer), 0) for layer in nearest]
    if vectors.teacher.shape[2] == vectors.student.shape[2]:
        _drift(drift(vectors, matched), names)
    else:
        st.html(markup.note("The two models differ in width, so that no cosine between them can be taken."))
    st.subheader("Both models' words in one plane")
    chosen = _layers(vectors.map(len), matched)
    found = plane(vectors.teacher[chosen.teacher], vectors.student[chosen.student])
    chart(charts.plane_map(found, names), PLANE)
    link(PLANE)
    st.caption(
        f"How to read this: the words of teacher layer {chosen.teacher} and student layer {chosen.student}, the "
        "student's rotated and scaled onto the teacher's (Procrustes), in the two directions that show most: "
        f"{per_cent(found.variance)} of all variance. A line joins a word in both models, and the mouse on one end "
        "puts a ring on both; short lines are words that both place alike. After the rotation the two clouds overlap "
        f"by {found.overlap:.2f} of 1; with the student's words "
        f"shuffled, the rotation still reaches {found.chance:.2f}, so only what is above that counts."
    )
    numbers("The plane as a table, to sort and to save", PLANE, partial(plane_table, found, names))


def shared_words(traces: Sides[Trace]) -> list[str]:
    """The words that both models read, in the order of `vectors_of(traces, "word")`."""
    read = [set(trace.tokens.word_ids.tolist()) for trace in traces]
    return [word.text for place, word in enumerate(traces.teacher.tokens.words) if all(place in ids for ids in read)]


def _drift(found: Drift, names: list[str]) -> None:
    st.subheader("How near is each word to itself in the other model?")
    chart(charts.drift_map(found, names), DRIFT)
    rows = [
        (
            f"{layer} ~ {matched}",
            " · ".join(f"“{names[at]}” {cosines[at]:.2f}" for at in np.argsort(cosines)[:MOST_DRIFTED]),
        )
        for layer, (matched, cosines) in enumerate(zip(found.matched, found.cosines, strict=True))
    ]
    st.html(markup.table(("Student ~ teacher layer", "Words that drift most (cosine)"), rows))
    st.caption(
        "How to read this: for each student layer and the teacher layer that it is nearest to over the sentences "
        "(debiased CKA), the cosine of a word's two vectors, each about the mean of the text's words; 1: the same "
        "direction, 0: unrelated. "
        "No rotation is allowed here: a student that says the same in other neurons has low cosines and a high CKA."
    )
    numbers("All cosines as a table, to sort and to save", DRIFT, partial(drift_table, found, names))


def _layers(counts: Sides[int], matched: list[int]) -> Sides[int]:
    """Sliders for the two layers; a click on the map of layers sets them."""
    last = len(matched) - 1
    defaults = Sides(matched[last], last)
    chosen = []
    for column, (side, name), count, default in zip(st.columns(2), SHORT.items(), counts, defaults, strict=True):
        key = f"{side}_layer"
        st.session_state[key] = min(int(st.session_state.get(key, default)), count - 1)  # another pair has fewer
        chosen.append(column.slider(f"{name} layer", 0, count - 1, key=key))
    return Sides(*chosen)
