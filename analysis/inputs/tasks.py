"""Tasks: what a person can ask of both models. A new task is one row of `TASKS`."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.inputs.samples import Sample, samples_of
from analysis.tables import row_of

MASK = "[MASK]"


@dataclass(frozen=True, slots=True)
class Task:
    """One task: `fields` names the text(s) it reads, `head` is the transformers class that loads its checkpoints.

    `question` says what the models are asked; `target` says what an explanation of the answer can be about.
    """

    title: str
    question: str
    fields: tuple[str, ...]
    head: str
    target: str
    samples: tuple[Sample, ...]

    @property
    def needs_mask(self) -> bool:
        return self.head == "AutoModelForMaskedLM"

    @property
    def needs_context(self) -> bool:
        """True where the first text asks something of the second, so that it is read with each part of that."""
        return self.head == "AutoModelForQuestionAnswering"


FILL_MASK = Task(
    title="Fill-mask",
    question="Which word fills the [MASK]?",
    fields=("Text with [MASK]",),
    head="AutoModelForMaskedLM",
    target="a mask and one candidate for it",
    samples=samples_of("fill-mask"),
)

SENTIMENT = Task(
    title="Sentiment",
    question="Is the opinion of the text positive or negative?",
    fields=("Text",),
    head="AutoModelForSequenceClassification",
    target="a label, or one label against another",
    samples=samples_of("sentiment"),
)

ENTITIES = Task(
    title="Named entities",
    question="Which names of people, places and organisations does the text hold?",
    fields=("Text",),
    head="AutoModelForTokenClassification",
    target="a stretch of the text and its entity type",
    samples=samples_of("entities"),
)

QUESTION_ANSWERING = Task(
    title="Question answering",
    question="Which stretch of the context answers the question?",
    fields=("Question", "Context"),
    head="AutoModelForQuestionAnswering",
    target="where the answer starts, where it ends, or both",
    samples=samples_of("question-answering"),
)

SENTENCE_PAIR = Task(
    title="Sentence pair",
    question="How does the second text relate to the first? (Entailment: it follows, or answers the question.)",
    fields=("First text", "Second text"),
    head="AutoModelForSequenceClassification",
    target="a label, or one label against another",
    samples=samples_of("sentence-pair"),
)

TASKS: dict[str, Task] = {
    "fill-mask": FILL_MASK,
    "sentiment": SENTIMENT,
    "entities": ENTITIES,
    "question-answering": QUESTION_ANSWERING,
    "sentence-pair": SENTENCE_PAIR,
}


def task_named(key: str) -> Task:
    """The task of that key, or an `AnalysisError` that says which there are."""
    return row_of(TASKS, key, "task")
