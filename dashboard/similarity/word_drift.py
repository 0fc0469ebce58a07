"""The tab on word drift: how far each word of the text moved, and both models' words in one plane."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.similarity.representations import vectors_of
from analysis.similarity.word_drift import Drift
from analysis.wording import per_cent
from cache import similarity
from dashboard import address
from dashboard.charts import word_drift as charts
from dashboard.export.similarity import drift_table, plane_table
from dashboard.similarity.controls import Controls
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.linked_hover import link
from dashboard.ui.theme import SHORT

MOST_DRIFTED = 5
PLANE, DRIFT = "plane of words", "drift of words"


def word_drift(controls: Controls) -> None:
    """Cosines by word and layer, the words that drift most, and a plane of two layers."""
    traces, question = controls.traces(), controls.question
    vectors = vectors_of(traces, "word")
    words = shared_words(traces)
    nearest = controls.corpus_maps().across.nearest
    matched = [max(int(layer), 0) for layer in nearest]
    if vectors.teacher.shape[2] == vectors.student.shape[2]:
        _draw_drift(similarity.drift(question.sides, question.example, tuple(matched)), words)
    else:
        st.html(markup.note("The models differ in width, so no cosine between them can be computed."))
    st.subheader("Both models' words in one plane")
    layers = _layers(vectors.map(len), matched)
    word_plane = similarity.plane(question.sides, question.example, layers)
    chart(drawn(charts.plane_map, word_plane, words), PLANE)
    link(PLANE)
    st.caption(
        "A line joins a word in both models; a short line is a word that both place alike. Hover over a word to ring "
        "both ends.",
        help=f"This plane shows the words of teacher layer {layers.teacher} and student layer {layers.student}, the "
        "student's rotated and scaled onto the teacher's (Procrustes), in the two directions that show most: "
        f"{per_cent(word_plane.variance)} of all variance. After the rotation the two clouds overlap by "
        f"{word_plane.overlap:.2f} of 1; with the student's words shuffled, the rotation still reaches "
        f"{word_plane.chance:.2f}, so only the part above that counts.",
    )
    numbers("Data table", PLANE, partial(plane_table, word_plane, words))


def shared_words(traces: Sides[Trace]) -> list[str]:
    """The words that both models read, in the order of `vectors_of(traces, "word")`."""
    read = [set(trace.tokens.word_ids.tolist()) for trace in traces]
    return [word.text for place, word in enumerate(traces.teacher.tokens.words) if all(place in ids for ids in read)]


def _draw_drift(word_drift: Drift, words: list[str]) -> None:
    st.subheader("How far has each word moved between the models?")
    layer, word = word_drift.farthest
    st.html(
        markup.note(
            f"“{words[word]}” has moved most: between student layer {layer} and teacher layer "
            f"{word_drift.matched[layer]} its cosine is {word_drift.cosines[layer, word]:.2f}."
        )
    )
    chart(drawn(charts.drift_map, word_drift, words), DRIFT)
    rows = [
        (
            f"{layer} ~ {matched}",
            " · ".join(f"“{words[at]}” {cosines[at]:.2f}" for at in np.argsort(cosines)[:MOST_DRIFTED]),
        )
        for layer, (matched, cosines) in enumerate(zip(word_drift.matched, word_drift.cosines, strict=True))
    ]
    st.html(markup.table(("Student ~ teacher layer", "Words that drift most (cosine)"), rows))
    st.caption(
        "The brighter, the less a word has moved between the models: 1 is the same direction, 0 unrelated.",
        help="For each student layer and the teacher layer that it is most similar to over the sentences (debiased "
        "CKA): the cosine of a word's two vectors, each about the mean of the text's words. No rotation is allowed "
        "here: a student that encodes the same in other neurons has low cosines and a high CKA.",
    )
    numbers("Data table", DRIFT, partial(drift_table, word_drift, words))


def _layers(counts: Sides[int], matched: list[int]) -> Sides[int]:
    """Sliders for the two layers; a click on the layer map sets them."""
    last = len(matched) - 1
    defaults = Sides(matched[last], last)
    chosen = []
    for column, (side, name), count, default in zip(st.columns(2), SHORT.items(), counts, defaults, strict=True):
        key = address.keep(f"{side}_layer", default, address.NUMBER)
        st.session_state[key] = min(max(st.session_state[key], 0), count - 1)  # another pair has fewer
        chosen.append(column.slider(f"{name} layer", 0, count - 1, key=key))
    return Sides(*chosen)
