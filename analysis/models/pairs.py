"""Pairs: a teacher and its student, with a checkpoint of each for every task they were trained on.

A new pair is one row of `PAIRS`. Hugging Face names are looked up where `HF_ENDPOINT` points (the hub by default);
folders are read as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from analysis.errors import AnalysisError
from analysis.inputs.tasks import TASKS
from analysis.models.cards import says_unanswerable
from analysis.models.families import FAMILIES
from analysis.models.hub import as_source
from analysis.tables import row_of
from analysis.wording import shown

EMBEDDED = Path(__file__).resolve().parents[2] / "checkpoints"

RANDOM = "random:"  # before an architecture: a source of random weights
ANY = ""  # in place of an architecture: what the files say

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Sides(Generic[T]):
    """One thing of each model. Iterates teacher first; `map` applies one function to each side."""

    teacher: T
    student: T

    def __getitem__(self, side: str) -> T:
        """That of one side by its name. Raises `KeyError` for any other."""
        return dict(self.items())[side]

    def __iter__(self) -> Iterator[T]:
        return iter((self.teacher, self.student))

    def map(self, function: Callable[[T], U]) -> Sides[U]:
        return Sides(function(self.teacher), function(self.student))

    def items(self) -> Iterator[tuple[str, T]]:
        return iter((("teacher", self.teacher), ("student", self.student)))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a model's weights are, and what they must be.

    `source`: a folder with a checkpoint or with an adapter to one, `owner/name` or `owner/name@revision` on the hub, or
    `random:bert` / `random:distilbert` for the full-size architecture with seeded random weights. `architecture`: the
    `model_type` that its config.json must have, or `ANY`: a side is teacher or student by where it stands.
    `labels`: (the checkpoint's label, the task's label) where they differ; logits keep the checkpoint's order.
    `unanswerable`: a question-answering checkpoint trained with questions that have no answer (SQuAD 2.0).
    `beside`: the source of the checkpoint that it is compared with, whose tokens have a say in what words are.
    """

    source: str
    architecture: str
    labels: tuple[tuple[str, str], ...] = ()
    unanswerable: bool = False
    beside: str = ""

    @property
    def recipe(self) -> object:
        """What a result depends on beside the files: what the labels mean, and whether there may be no answer."""
        return (self.labels, "unanswerable") if self.unanswerable else self.labels

    @property
    def trained(self) -> bool:
        """False for random weights."""
        return not self.source.startswith(RANDOM)

    @property
    def random_architecture(self) -> str:
        """The architecture that random weights are of, as the source names it; "" for all other sources."""
        named = self.source.removeprefix(RANDOM)
        return named if not self.trained and named in FAMILIES and self.architecture in (named, ANY) else ""

    @property
    def name(self) -> str:
        """The checkpoint as people know it: the hub name, or the last two parts of a folder."""
        path = Path(self.source)
        return shown("/".join(path.parts[-2:]) if path.is_absolute() else self.source)


@dataclass(frozen=True, slots=True)
class Pair:
    """A teacher and a student. `about` is one sentence for the reader; `trained` is False for random weights of either.

    Nothing that random weights answer means anything, so no such pair is asked.
    """

    title: str
    about: str
    checkpoints: Mapping[str, Sides[Checkpoint]]
    trained: bool = True

    def sides(self, task: str) -> Sides[Checkpoint]:
        """Both checkpoints for a task, or an `AnalysisError` that says which tasks this pair has."""
        if task not in self.checkpoints:
            known = ", ".join(self.checkpoints) or "no task yet"
            raise AnalysisError(f"The pair “{self.title}” has no checkpoint for the task {task}; it has {known}.")
        return self.checkpoints[task]


def _sides(
    teacher: str,
    student: str,
    teacher_labels: tuple[tuple[str, str], ...] = (),
    student_labels: tuple[tuple[str, str], ...] = (),
) -> Sides[Checkpoint]:
    return Sides(Checkpoint(teacher, "bert", teacher_labels), Checkpoint(student, "distilbert", student_labels))


def folder_of(root: Path, task: str, side: str) -> Path:
    """Where `training` publishes a side for a task: the base, which fills masks itself, or an adapter to it."""
    return root / side if task == "fill-mask" else root / task / side


def _embedded() -> dict[str, Sides[Checkpoint]]:
    folders = {task: [folder_of(EMBEDDED, task, side) for side in ("teacher", "student")] for task in TASKS}
    there = {task: both for task, both in folders.items() if all(folder.is_dir() for folder in both)}
    return {task: _sides(str(teacher), str(student)) for task, (teacher, student) in there.items()}


FULL_SIZE = {
    "fill-mask": _sides("google-bert/bert-base-uncased", "distilbert/distilbert-base-uncased"),
    "sentiment": _sides(
        "textattack/bert-base-uncased-SST-2",
        "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
        (("LABEL_0", "negative"), ("LABEL_1", "positive")),
        (("NEGATIVE", "negative"), ("POSITIVE", "positive")),
    ),
    "entities": _sides("dslim/bert-base-NER", "dslim/distilbert-NER"),  # cased, unlike all others
    "question-answering": _sides(
        "csarron/bert-base-uncased-squad-v1", "distilbert/distilbert-base-uncased-distilled-squad"
    ),
    # The two number their classes differently. TextAttack's checkpoint names none of them (LABEL_0 …): the order
    # is that of its training data, contradiction first; Typeform's has entailment first.
    "sentence-pair": _sides(
        "textattack/bert-base-uncased-MNLI",
        "typeform/distilbert-base-uncased-mnli",
        (("LABEL_0", "contradiction"), ("LABEL_1", "entailment"), ("LABEL_2", "neutral")),
        (("ENTAILMENT", "entailment"), ("NEUTRAL", "neutral"), ("CONTRADICTION", "contradiction")),
    ),
}

PAIRS: dict[str, Pair] = {
    "embedded": Pair(
        "Embedded (small)",
        "A BERT of 12 layers and the DistilBERT of 6 layers distilled from it, shipped with DistilLens: as deep as the "
        "published pair, half as wide, with an adapter for each model and task.",
        _embedded(),
    ),
    "full-size": Pair(
        "Full size (Hugging Face hub)",
        "The published BERT-base and DistilBERT-base checkpoints, fetched from the Hugging Face hub on first use "
        "(about 700 MB a task).",
        FULL_SIZE,
    ),
    "architecture": Pair(
        "Architecture only (random weights)",
        "BERT-base and DistilBERT-base at full size with RANDOM weights: sizes and speed are real, answers are not.",
        dict.fromkeys(FULL_SIZE, _sides("random:bert", "random:distilbert")),
        trained=False,
    ),
}


def pair_named(key: str) -> Pair:
    """The pair of that key, or an `AnalysisError` that says which there are."""
    return row_of(PAIRS, key, "pair")


def own_pair(
    task: str, teacher: str, student: str, labels: Sides[str] | None = None, unanswerable: bool = False
) -> Pair:
    """A pair of the reader's own: a folder or `owner/name@revision` for each side, for one task.

    `labels` says for each side what its labels mean: "LABEL_0 = negative, LABEL_1 = positive". Where it does not, the
    labels of a checkpoint that is also in `PAIRS` are those of that row. `unanswerable`: both were trained with
    questions that have no answer; a checkpoint that says so of itself needs not be told (`cards.py`).
    """
    for side, source in (("teacher", teacher), ("student", student)):
        if not as_source(source):
            raise AnalysisError(f"Name a {side}: a folder, or owner/name on the Hugging Face hub.")
    sources = Sides(as_source(teacher), as_source(student))
    said = (labels or Sides("", "")).map(labels_said)
    beside = Sides(sources.student, sources.teacher)
    meant = Sides(*(own or _labels_of(source, task) for source, own in zip(sources, said, strict=True)))
    named = Sides(*(Checkpoint(source, ANY, labels) for source, labels in zip(sources, meant, strict=True)))
    trained = all(side.trained for side in named)
    both = (
        replace(
            side,
            unanswerable=unanswerable or says_unanswerable(side.source, Path(side.source)),
            beside=other if trained else "",
        )
        for side, other in zip(named, beside, strict=True)
    )
    return Pair("Your own", "Two checkpoints of your own choice.", {task: Sides(*both)}, trained)


def check_trained(pair: Pair) -> None:
    """Raises `AnalysisError` for a pair whose answers would be those of random weights."""
    if not pair.trained:
        raise AnalysisError(
            f"The pair “{pair.title}” has random weights, which answer nothing: only its size and its speed can be "
            "looked at."
        )


def labels_said(text: str) -> tuple[tuple[str, str], ...]:
    """What labels mean, as a person writes it; `AnalysisError` if it is not written so.

    >>> labels_said("LABEL_0 = negative, LABEL_1 = positive")
    (('LABEL_0', 'negative'), ('LABEL_1', 'positive'))
    """
    parts = [part.split("=") for part in text.split(",") if part.strip()]
    named = tuple((one[0].strip(), one[-1].strip()) for one in parts if len(one) == 2)
    if len(named) < len(parts) or not all(own and meant for own, meant in named) or len(dict(named)) < len(named):
        raise AnalysisError(
            f"“{shown(text, 60)}” does not say what labels mean: write LABEL_0 = negative, LABEL_1 = positive, each "
            "label once."
        )
    return named


def labels_written(labels: tuple[tuple[str, str], ...]) -> str:
    """As a person writes it: the other way round.

    >>> labels_written((("LABEL_0", "negative"), ("LABEL_1", "positive")))
    'LABEL_0 = negative, LABEL_1 = positive'
    """
    return ", ".join(f"{own} = {meant}" for own, meant in labels)


def _labels_of(source: str, task: str) -> tuple[tuple[str, str], ...]:
    """What the labels of a checkpoint mean, if it is one of those that are known."""
    known = (side for pair in PAIRS.values() if task in pair.checkpoints for side in pair.checkpoints[task])
    return next((side.labels for side in known if side.source == source.partition("@")[0]), ())
