"""The command `distillens predict`: what it asks, one example or many, and how it prints the answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example, checked
from analysis.models.model import Model
from analysis.models.pairs import Pair, Sides
from analysis.models.tokens import known_words, tokenize
from analysis.predictions.comparison import compare
from analysis.predictions.heads import predict
from dashboard.predictions.heads import as_json

STANDARD_INPUT = "-"
FIELDS = ("text", "text_pair")
SIDES = ("teacher", "student")
Report = dict[str, Any]


def report_of(pair: Pair, models: Sides[Model], example: Example) -> Report:
    """Both answers to a checked example, how far apart they are, and what was asked."""
    predictions = models.map(lambda model: predict(model, example))
    known = models.map(lambda model: known_words(tokenize(model, example)))
    comparison = compare(predictions)
    return {
        "task": example.task,
        "text": example.text,
        "text_pair": example.text_pair,
        "pair": pair.title,
        "checkpoints": {side: checkpoint.name for side, checkpoint in pair.sides(example.task).items()},
        **{side: as_json(prediction) for side, prediction in predictions.items()},
        "words": len(known.teacher),
        "words_known": {side: sum(words) for side, words in known.items()},
        "agree": comparison.agree,
        "divergence_bits": comparison.divergence,
        **({} if comparison.difference is None else {"difference": comparison.difference}),
        "sentence": comparison.sentence,
    }


def reports_of(pair: Pair, models: Sides[Model], task: str, lines: Iterable[bytes]) -> Iterator[Report]:
    """The report on each line that is not empty, with its number; or the sentence that says why not."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield {"line": number, **report_of(pair, models, checked(example_of(task, line)))}
            except AnalysisError as error:
                yield {"line": number, "error": str(error)}


def example_of(task: str, line: bytes) -> Example:
    """A line as an example: an object of JSON with `text` and `text_pair`, or the text itself."""
    try:
        written = line.decode("utf-8-sig").strip()
        given = json.loads(written) if written.startswith("{") else {"text": written}
    except (ValueError, RecursionError) as error:
        raise AnalysisError('The line is no JSON in UTF-8: write {"text": "…"}, or the text alone.') from error
    text, text_pair = (given.get(field) for field in FIELDS)
    if not isinstance(text, str) or not isinstance(text_pair, str | None):
        raise AnalysisError('The line has no text in quotes: write {"text": "…", "text_pair": "…"}.')
    return Example(task, text, text_pair)


@contextmanager
def lines_of(path: str) -> Iterator[Iterable[bytes]]:
    """The lines of a file, or of standard input for "-", as they come."""
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise AnalysisError(f"{path} cannot be read ({error.strerror}): name another file, or - for input.") from error
    with file:
        yield file


def in_words(report: Report) -> str:
    """A report as a person reads it."""
    lines = [f"{side:8} {report['checkpoints'][side]}: {report[side]['summary']}" for side in SIDES]
    windows = zip(*(report[side].get("by_window", ()) for side in SIDES), strict=True)
    for number, (teacher, student) in enumerate(windows, start=1):
        lines.append(f"window {number}: teacher {teacher['summary']}, student {student['summary']}")
    if unknown := [
        f"{side} knows {known} of {report['words']} words"
        for side, known in report["words_known"].items()
        if known < report["words"]
    ]:
        lines.append("; ".join(f"the {each}" for each in unknown) + ".")
    if report["divergence_bits"] is not None:
        lines.append(f"Jensen–Shannon divergence: {report['divergence_bits']:.3f} bits")
    return "\n".join([*lines, report["sentence"]])
