"""The controls of the page: which text, which granularity, which measure; all of them in the URL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from analysis.inputs.probe_corpus import probe_sentences
from analysis.inputs.tasks import TASKS
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import LayerMap, LayerMaps
from analysis.similarity.measures import MEASURES
from analysis.similarity.representations import GRANULARITIES, MOST_LINES, own_lines, text_of, vectors_of
from cache import models, similarity
from cache.similarity import LayerComparison
from cache.traces import trace
from dashboard import address
from dashboard.frame import Question
from dashboard.ui import markup
from dashboard.ui.progress import progress_bar

CKA = "cka"
CORPUS, OWN, TEXT = "Probe corpus", "My own lines", "This text alone"
SOURCE = address.Choice((CORPUS, OWN, TEXT), "on")
GRANULARITY = address.Choice(
    ("word", "token", "sentence", "cls"), "granularity", title=lambda key: GRANULARITIES[key].title
)
MEASURE = address.Choice(MEASURES, "measure", title=lambda key: MEASURES[key].title)
SPECIAL_TOKENS = {"Left out": False, "Counted": True}
SPECIAL = address.Choice(SPECIAL_TOKENS, "special")
TEXT_ALONE = (
    "One text says little: it gives {examples:,} examples, while a layer has {width:,} neurons; they are not "
    "independent of one another, and another text might look different. Take the cells as an illustration, and the "
    "probe corpus as the finding. The measure is {measure}; the others need sentences."
)
SINGLE_SENTENCES = (
    "The models are compared on single sentences, while this task reads two texts: what they learned about comparing "
    "two texts shows only in part. “This text alone” uses both texts at once."
)


@dataclass(frozen=True, slots=True)
class Controls:
    """The question, and how its two models are compared. `lines` are empty unless they are the reader's own.

    On one text alone `measure` is always debiased CKA: the others need sentences to compare.
    """

    question: Question
    source: str
    lines: tuple[str, ...]
    granularity: str
    with_special_tokens: bool
    measure: str

    @property
    def comparison(self) -> LayerComparison:
        return self._over(self.lines or probe_sentences())

    def _over(self, lines: tuple[str, ...]) -> LayerComparison:
        task = self.question.example.task
        return LayerComparison(
            self.question.sides, Sides(task, task), lines, self.granularity, self.with_special_tokens
        )

    def traces(self) -> Sides[Trace]:
        return self.question.sides.map(lambda checkpoint: trace(checkpoint, self.question.example))

    def across(self) -> LayerMap:
        """The teacher's layers against the student's, by the chosen measure."""
        if self.measure == CKA:
            return self._maps().across
        with progress_bar(f"Comparing all layers by {MEASURES[self.measure].title} …") as progress:
            return similarity.layer_map_by(self.measure, self.comparison, progress)

    def within(self) -> Sides[LayerMap]:
        """Each model's layers against one another, by the chosen measure."""
        if self.measure == CKA:
            return self._maps().within
        with progress_bar(f"Comparing the layers of each model by {MEASURES[self.measure].title} …") as progress:
            return similarity.within_maps_by(self.measure, self.comparison, progress)

    def _maps(self) -> LayerMaps:
        if self.source == TEXT:
            question = self.question
            return similarity.text_maps(question.sides, question.example, self.granularity, self.with_special_tokens)
        return self.corpus_maps()

    def corpus_maps(self) -> LayerMaps:
        """Debiased CKA over sentences, even if one text alone was chosen: one text must not match layers."""
        with progress_bar(f"Reading {len(self.comparison.sentences):,} sentences with both models …") as progress:
            return similarity.layer_maps(self.comparison, progress)

    def caveat(self) -> str | None:
        """Why one text says little, with its numbers, or why single sentences do if the task reads two texts."""
        if self.source != TEXT:
            return SINGLE_SENTENCES if len(TASKS[self.question.example.task].fields) > 1 else None
        _, examples, width = vectors_of(self.traces(), self.granularity, self.with_special_tokens).teacher.shape
        return TEXT_ALONE.format(examples=examples, width=width, measure=MEASURES[CKA].title)


def choose(question: Question) -> Controls:
    """Draws the controls, folded into a button that says what is chosen, and returns it."""
    source, granularity = SOURCE.value(), GRANULARITY.value()
    measure = CKA if source == TEXT else MEASURE.value()
    label = f"{source} · {GRANULARITY.title(granularity)} · {MEASURE.title(measure)}"
    with st.popover(label, key="similarity_view"):
        SOURCE.draw(st.selectbox, "Compare on")
        meanings = " ".join(f"{row.title}: {row.meaning}." for row in GRANULARITIES.values())
        GRANULARITY.draw(st.selectbox, "Granularity", help=meanings)
        special_tokens = SPECIAL.draw(st.selectbox, "Special tokens")
        MEASURE.draw(st.selectbox, "Measure", disabled=source == TEXT)
    lines = _own_lines() if source == OWN else ()
    return Controls(question, source, lines, granularity, SPECIAL_TOKENS[special_tokens], measure)


def with_controls(draw: Callable[[Controls], None]) -> Callable[[Question], None]:
    """A tab: the controls, and below them what `draw` makes of them, once there are sentences to compare on."""

    def tab(question: Question) -> None:
        controls = choose(question)
        if has_sentences(controls):
            draw(controls)

    return tab


def _own_lines() -> tuple[str, ...]:
    file = st.file_uploader("A text file, one sentence per line", type=["txt"], max_upload_size=1, key="lines_file")
    if file:
        return own_lines(text_of(file.getvalue()))
    label = f"Or paste sentences, one per line, at most {MOST_LINES}; duplicates count once"
    return own_lines(st.text_area(label, key=address.keep("lines", "", address.TEXT), height=160))


def has_sentences(controls: Controls) -> bool:
    """False, with a hint, as long as the reader's own lines are missing."""
    if controls.source == OWN and not controls.lines:
        st.html(markup.note("Add sentences above, one per line; with about 50 or more, the intervals become short."))
        return False
    return True


def say_caveat(controls: Controls) -> None:
    """Draws the caveat of this comparison, if there is one."""
    if caveat := controls.caveat():
        st.html(markup.note(caveat))


def initialised_from(question: Question) -> tuple[int, ...] | None:
    """The teacher layer (from 1) that each student layer was initialised from, where that is known."""
    layers = models.origins(question.sides, question.example.task)
    return None if layers is None else tuple(layer + 1 for layer in layers)
