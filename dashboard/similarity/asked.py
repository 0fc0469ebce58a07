"""What the reader wants compared: on which text, in which unit, by which measure; all of it in the URL."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from analysis.head_distances import INITIALISED_FROM
from analysis.pairs import Sides
from analysis.probe_corpus import probe_sentences
from analysis.similarity.grid import LayerMaps
from analysis.similarity.measures import MEASURES
from analysis.similarity.units import MOST_LINES, UNITS, own_lines, text_of
from analysis.trace import Trace
from cache import results, similarity
from cache.similarity import Compared
from dashboard import markup
from dashboard.frame import Question
from dashboard.progress import progress_bar

CORPUS, OWN, TEXT = "Probe corpus", "My own lines", "This text alone"
SPECIAL = {"Left out": False, "Counted": True}
TEXT_ALONE = (
    "One text says little: it has far fewer tokens than a model has neurons, its tokens are not independent of one "
    "another, and nothing tells whether another text would look the same. Read the cells as an example, and the probe "
    "corpus as the finding."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, and how its two models are compared. `lines` are empty where it is about the text alone."""

    question: Question
    source: str
    lines: tuple[str, ...]
    unit: str
    added: bool
    measure: str

    @property
    def compared(self) -> Compared:
        return self._over(self.lines or probe_sentences())

    def _over(self, lines: tuple[str, ...]) -> Compared:
        task = self.question.example.task
        return Compared(self.question.sides, Sides(task, task), lines, self.unit, self.added)

    def traces(self) -> Sides[Trace]:
        return self.question.sides.map(lambda checkpoint: results.trace(checkpoint, self.question.example))

    def maps(self) -> LayerMaps:
        """Debiased CKA of all layers, over whatever was asked."""
        if self.source == TEXT:
            return similarity.text_maps(self.traces(), self.unit, self.added)
        return self.corpus_maps()

    def corpus_maps(self) -> LayerMaps:
        """The same over sentences, also where the text alone was asked: what matches layers must not be one text."""
        with progress_bar(f"Reading {len(self.compared.sentences):,} sentences with both models …") as progress:
            return similarity.layer_maps(self.compared, progress)


def asked(question: Question) -> Asked:
    """Draws the choices and returns them."""
    first, second, third, fourth = st.columns([2, 2, 1, 2])
    source = first.selectbox("Compare on", [CORPUS, OWN, TEXT], key="on", bind="query-params")
    titles = {UNITS[key].title: key for key in ("word", "token", "sentence", "cls")}
    unit = second.selectbox(
        "Unit",
        list(titles),
        key="similarity_unit",
        bind="query-params",
        help=" ".join(f"{unit.title}: {unit.meaning}." for unit in UNITS.values()),
    )
    added = third.selectbox("[CLS], [SEP]", list(SPECIAL), key="special", bind="query-params")
    measures = {MEASURES[key].title: key for key in MEASURES}
    measure = fourth.selectbox("Measure", list(measures), key="measure", bind="query-params")
    lines = _own_lines() if source == OWN else ()
    return Asked(question, source, lines, titles[unit], SPECIAL[added], measures[measure])


def _own_lines() -> tuple[str, ...]:
    file = st.file_uploader("A text file, one sentence a line", type=["txt"], max_upload_size=1, key="lines_file")
    typed = st.text_area(f"Or paste sentences, one a line, at most {MOST_LINES}", key="lines", height=160)
    return own_lines(text_of(file.getvalue()) if file else typed)


def ready(asked: Asked) -> bool:
    """False, with a hint, where the reader's own lines are still to come."""
    if asked.source == OWN and not asked.lines:
        st.html(markup.note("Give sentences above, one a line; from about 50 on, the intervals become short."))
        return False
    return True


def origins(found: tuple[int, ...]) -> tuple[int, ...] | None:
    """The teacher layer (from 1) that each student layer began as, for a map [teacher layer + 1, student layer + 1]."""
    teacher, student = (count - 1 for count in found)
    layers = INITIALISED_FROM.get((student, teacher))
    return None if layers is None else tuple(layer + 1 for layer in layers)
