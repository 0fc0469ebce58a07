"""How faithful every method and baseline is on a pair: mean grades by erasure over texts of each task, with intervals.

    python benchmarks/faithfulness.py --data FOLDER --records grades.jsonl [--tasks sentiment entities] [--texts 100]
        [--methods "Integrated gradients"] [--checkpoints FOLDER] [--seed 0] [--threads 1] [--json figures.json]

The texts are short ones, drawn from the tasks' test parts in `--data`. Each model is asked about its own top answer,
and words go in both ways of `WAYS`. A method that takes a baseline is graded from each, and its difference to [PAD] is
paired: on the same texts, with the interval over texts drawn anew. Grades are added to `--records` text by text, so
that a run that was broken off, or that wants more texts or methods, computes only what is missing. The tables are
Markdown; `--json` has the same figures and is written after each task (checkpoints/faithfulness.json is one).
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.aims import aim_of
from analysis.attribution.baselines import BASELINES
from analysis.attribution.erased import WAYS
from analysis.attribution.erasure import LEAVE_ONE_OUT, erasure
from analysis.attribution.methods import METHODS, attribute
from analysis.decoding import vocabulary
from analysis.errors import AnalysisError
from analysis.estimates import Estimate, bootstrapped
from analysis.examples import Example
from analysis.models import Model, load
from analysis.pairs import EMBEDDED, Checkpoint, Sides
from analysis.predict import predict
from analysis.tasks import MASK, TASKS
from analysis.words import words_of, words_of_all
from training.questions import Question
from training.recipes import RECIPES

REFERENCE = "[PAD]"  # the baseline that the others are held against
RANDOM = "Orders at random"
DRAWS = 1  # orders at random of a text: the mean is over texts
FEWEST_WORDS = 6  # of all texts of an example together
DIGITS = 4  # of a figure that is written

Order = tuple[str, str]  # a method and its baseline, "" where it takes none


@dataclass(frozen=True, slots=True)
class Grade:
    """How one order of the words of a text fares in one model as they go one way: both grades in logits."""

    task: str
    side: str
    text: str
    way: str
    method: str
    baseline: str
    comprehensiveness: float
    sufficiency: float

    @property
    def order(self) -> Order:
        return self.method, self.baseline


@dataclass(frozen=True, slots=True)
class Row:
    """The mean grades of one order over `texts` texts, and by how much they are higher than from [PAD]."""

    task: str
    side: str
    way: str
    method: str
    baseline: str
    texts: int
    comprehensiveness: Estimate
    sufficiency: Estimate
    comprehensiveness_gain: Estimate | None
    sufficiency_gain: Estimate | None


def main() -> None:
    import torch

    sys.stdout.reconfigure(line_buffering=True)
    options = arguments()
    torch.set_num_threads(options.threads)
    orders, rows = orders_of(options.methods), []
    for task in options.tasks:
        models = Sides(
            load(Checkpoint(str(options.checkpoints / task / "teacher"), "bert"), task),
            load(Checkpoint(str(options.checkpoints / task / "student"), "distilbert"), task),
        )
        examples = drawn(task, options.data, frozenset(vocabulary(models.teacher)), options.seed)
        grades, left_out = graded(models, examples, options.texts, orders, options.records)
        found = rows_of(grades, [*orders, (LEAVE_ONE_OUT, ""), (RANDOM, "")])
        print(f"\n## {TASKS[task].title}\n\n{options.texts} texts; {left_out} more could not be asked about.")
        for way in WAYS:
            print(f"\nWords go by {way}:\n\n{table([row for row in found if row.way == way])}")
        rows += found
        if options.json:
            lines = [json.dumps(rounded(asdict(row))) for row in rows]
            options.json.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--tasks", nargs="+", default=list(SOURCES), choices=list(SOURCES))
    parser.add_argument("--texts", type=int, default=100)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--checkpoints", type=Path, default=EMBEDDED, help="with <task>/teacher and <task>/student")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def orders_of(methods: Iterable[str]) -> list[Order]:
    """Each method, from every baseline where it takes one."""
    baselines = {method: tuple(BASELINES) if METHODS[method].from_baseline else ("",) for method in methods}
    return [(method, baseline) for method, each in baselines.items() for baseline in each]


# What is graded of each text.


def graded(
    models: Sides[Model], examples: Iterable[Example], texts: int, orders: Sequence[Order], records: Path
) -> tuple[list[Grade], int]:
    """The grades of the first examples that both models can be asked about, and how many before could not.

    Raises `ValueError` where the examples do not suffice.
    """
    known, grades, left_out, count = read_grades(records), [], 0, 0
    for example in examples:
        if count == texts:
            return grades, left_out
        try:
            found = [grade for side, model in models.items() for grade in of_text(side, model, example, orders, known)]
        except AnalysisError:  # no entity was found, say: no word can be deleted where all are asked about
            left_out += 1
            continue
        with records.open("a", encoding="utf-8") as lines:
            lines.writelines(json.dumps(asdict(grade)) + "\n" for grade in found if grade not in known)
        grades += found
        count += 1
    raise ValueError(f"There are only {count} texts, not {texts} and one more")


def of_text(
    side: str, model: Model, example: Example, orders: Sequence[Order], known: Collection[Grade]
) -> list[Grade]:
    """The grades of one text in one model, those that are known as they are."""
    text = "\n".join(example.texts)
    had = [grade for grade in known if (grade.task, grade.side, grade.text) == (example.task, side, text)]
    done = {grade.order for grade in had}
    wanted = [order for order in orders if order not in done]
    if not wanted:
        return had
    aim = aim_of(predict(model, example))
    told = [attribute(model, example, aim, method, baseline or REFERENCE) for method, baseline in wanted]
    for way in WAYS:
        curves = erasure(model, example, aim, told, way, draws=DRAWS, seed=zlib.crc32(text.encode()))
        named = [*wanted, (LEAVE_ONE_OUT, ""), (RANDOM, "")]
        falls = [*curves.comprehensiveness, curves.random_comprehensiveness[1]]
        lacks = [*curves.sufficiency, curves.random_sufficiency[1]]
        had += [
            Grade(example.task, side, text, way, *order, float(fall), float(lack))
            for order, fall, lack in zip(named, falls, lacks, strict=True)
            if order not in done
        ]
    return had


def read_grades(records: Path) -> set[Grade]:
    """What earlier runs have graded."""
    lines = records.read_text(encoding="utf-8").splitlines() if records.exists() else []
    return {Grade(**json.loads(line)) for line in lines}


# What is told of them.


def rows_of(grades: Sequence[Grade], orders: Sequence[Order]) -> list[Row]:
    """A row for each model, way and order, the texts in one sequence for all."""
    values: dict[tuple[str, str, str, Order], dict[str, tuple[float, float]]] = {}
    for grade in grades:
        column = values.setdefault((grade.task, grade.side, grade.way, grade.order), {})
        column[grade.text] = grade.comprehensiveness, grade.sufficiency
    rows = []
    for (task, side, way, (method, baseline)), column in values.items():
        if (method, baseline) not in orders:
            continue
        own = np.array(list(column.values()))  # [text, grade]
        gains: list[Estimate | None] = [None, None]
        if baseline not in ("", REFERENCE):
            pad = values[task, side, way, (method, REFERENCE)]
            gains = [mean(difference) for difference in (own - [pad[text] for text in column]).T]
        rows.append(Row(task, side, way, method, baseline, len(own), *map(mean, own.T), *gains))
    return rows


def mean(values: np.ndarray) -> Estimate:
    """The mean over texts, [text], with its interval."""
    return bootstrapped(len(values), lambda drawn: values[drawn].mean(axis=1))


def table(rows: Sequence[Row]) -> str:
    """A Markdown table: a line for each order, both models side by side."""
    header = ["Order by", "baseline"]
    header += [f"{side}: {what}" for side in ("teacher", "student") for what in COLUMNS]
    lines = [header, ["---"] * 2 + ["---:"] * (len(header) - 2)]
    for order in dict.fromkeys((row.method, row.baseline) for row in rows):
        sides = {row.side: row for row in rows if (row.method, row.baseline) == order}
        lines.append([*order, *(cell(sides[side]) for side in ("teacher", "student") for cell in COLUMNS.values())])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shown(value: Estimate | None, sign: str = "") -> str:
    return f"{value.value:{sign}.2f} ({value.low:{sign}.2f} to {value.high:{sign}.2f})" if value else ""


COLUMNS: dict[str, Callable[[Row], str]] = {
    "comprehensiveness": lambda row: shown(row.comprehensiveness),
    "more than from [PAD]": lambda row: shown(row.comprehensiveness_gain, "+"),
    "sufficiency": lambda row: shown(row.sufficiency),
    "more than from [PAD] ": lambda row: shown(row.sufficiency_gain, "+"),
}


def rounded(value: object) -> object:
    """The same with its numbers to DIGITS digits behind the point, however deep they are."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value


# Which texts.


def only_text(example: Any) -> tuple[str, ...]:
    return (example.text,)


def both_texts(example: Any) -> tuple[str, ...]:
    return example.text, example.text_pair


def text_with_entity(example: Any) -> tuple[str, ...]:
    """No text where no entity is marked: where none is found, either, no word can be deleted."""
    return (example.text,) if {*example.tags} != {"O"} else ()


def question_and_sentence(example: Question) -> tuple[str, ...]:
    """A question, and of its context the sentence that holds the answer: whole paragraphs cost ten times as much."""
    before = example.context[: example.start].rfind(". ")
    after = example.context.find(". ", example.end)
    return example.question, example.context[before + 2 if before >= 0 else 0 : after + 1 if after >= 0 else None]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that the task `of` reads, and what is taken of each of its examples: at most `most` words, for time."""

    of: str
    part: str
    texts: Callable[[Any], tuple[str, ...]]
    most: int


SOURCES: dict[str, Source] = {
    "sentiment": Source("sentiment", "dev.tsv", only_text, 12),
    "entities": Source("entities", "test.bio.xz", text_with_entity, 12),
    "fill-mask": Source("entities", "dev.bio.xz", only_text, 10),
    "sentence-pair": Source("sentence-pair", "dev.tsv.xz", both_texts, 19),
    "question-answering": Source("question-answering", "dev.json.xz", question_and_sentence, 18),
}


def drawn(task: str, data: Path, pieces: Collection[str], seed: int) -> Iterator[Example]:
    """The examples of the right length in random order, each once; for fill-mask with a word masked."""
    source, generator = SOURCES[task], np.random.default_rng(seed)
    read = map(source.texts, RECIPES[source.of].read(data, source.part))
    texts = [each for each in dict.fromkeys(read) if FEWEST_WORDS <= len(words_of_all(each)) <= source.most]
    for number in generator.permutation(len(texts)):
        asked = masked_in(*texts[number], pieces, generator) if TASKS[task].needs_mask else texts[number]
        if asked:
            yield Example(task, *asked)


def masked_in(text: str, pieces: Collection[str], generator: np.random.Generator) -> tuple[str, ...]:
    """The text with one of its words masked that is a piece of the vocabulary of its own; () where there is none."""
    fit = [word for word in words_of(text) if word.text.isalpha() and word.text.lower() in pieces]
    if not fit:
        return ()
    word = fit[generator.integers(len(fit))]
    return (text[: word.start] + MASK + text[word.end :],)


if __name__ == "__main__":
    main()
