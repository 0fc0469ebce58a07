"""What the reader wants compared: on which text, in which unit, by which measure; all of it in the URL."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from analysis.inputs.probe_corpus import probe_sentences
from analysis.inputs.tasks import TASKS
from analysis.models.families import INITIALISED_FROM
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import LayerMaps, SimilarityMap
from analysis.similarity.measures import MEASURES
from analysis.similarity.representations import MOST_LINES, UNITS, own_lines, text_of, vectors_of
from cache import remember as results
from cache import similarity
from cache.similarity import Compared
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.progress import progress_bar

CKA = "cka"
CORPUS, OWN, TEXT = "Probe corpus", "My own lines", "This text alone"
SPECIAL = {"Left out": False, "Counted": True}
TEXT_ALONE = (
    "One text says little: here it gives {units:,} units, where a layer has {width:,} neurons; its units are not "
    "independent of one another, and nothing tells whether another text would look the same. Read the cells as an "
    "example, and the probe corpus as the finding. {measure} is the measure: the others need sentences."
)
SINGLE_SENTENCES = (
    "The sentences compared here are single ones, while this task reads two texts: what its models learned for holding "
    "one against the other shows only in part. “This text alone” compares both texts at once."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, and how its two models are compared. `lines` are empty where they are not the reader's own.

    On one text alone `measure` is always debiased CKA: the others need sentences to compare.
    """

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

    def across(self) -> SimilarityMap:
        """Teacher's layers against student's, by the measure that was asked."""
        if self.measure == CKA:
            return self._maps().across
        with progress_bar(f"Comparing all layers by {MEASURES[self.measure].title} …") as progress:
            return similarity.layers_by(self.measure, self.compared, progress)

    def within(self) -> Sides[SimilarityMap]:
        """Each model's layers against one another, by the same."""
        if self.measure == CKA:
            return self._maps().within
        with progress_bar(f"Comparing the layers of each model by {MEASURES[self.measure].title} …") as progress:
            return similarity.within_by(self.measure, self.compared, progress)

    def _maps(self) -> LayerMaps:
        if self.source == TEXT:
            return similarity.text_maps(self.traces(), self.unit, self.added)
        return self.corpus_maps()

    def corpus_maps(self) -> LayerMaps:
        """Debiased CKA over sentences, also where the text alone was asked: one text must not match layers."""
        with progress_bar(f"Reading {len(self.compared.sentences):,} sentences with both models …") as progress:
            return similarity.layer_maps(self.compared, progress)

    def caveat(self) -> str | None:
        """Why one text says little, with its numbers, or sentences to models that learned from two texts at once."""
        if self.source != TEXT:
            return SINGLE_SENTENCES if len(TASKS[self.question.example.task].fields) > 1 else None
        _, units, width = vectors_of(self.traces(), self.unit, self.added).teacher.shape
        return TEXT_ALONE.format(units=units, width=width, measure=MEASURES[CKA].title)


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
    measure = fourth.selectbox("Measure", list(measures), key="measure", bind="query-params", disabled=source == TEXT)
    lines = _own_lines() if source == OWN else ()
    chosen = CKA if source == TEXT else measures[measure]
    return Asked(question, source, lines, titles[unit], SPECIAL[added], chosen)


def _own_lines() -> tuple[str, ...]:
    file = st.file_uploader("A text file, one sentence a line", type=["txt"], max_upload_size=1, key="lines_file")
    if file:
        return own_lines(text_of(file.getvalue()))
    label = f"Or paste sentences, one a line, at most {MOST_LINES}; equal ones count once"
    return own_lines(st.text_area(label, key="lines", height=160))


def ready(asked: Asked) -> bool:
    """False, with a hint, where the reader's own lines are still to come."""
    if asked.source == OWN and not asked.lines:
        st.html(markup.note("Give sentences above, one a line; from about 50 on, the intervals become short."))
        return False
    return True


def say_caveat(asked: Asked) -> None:
    """Draws why what is compared says little, where it does."""
    if caveat := asked.caveat():
        st.html(markup.note(caveat))


def origins(found: tuple[int, ...]) -> tuple[int, ...] | None:
    """The teacher layer (from 1) that each student layer began as, for a map [teacher layer + 1, student layer + 1]."""
    teacher, student = (count - 1 for count in found)
    layers = INITIALISED_FROM.get((student, teacher))
    return None if layers is None else tuple(layer + 1 for layer in layers)
