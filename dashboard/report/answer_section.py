"""The section on both answers: a function for each kind of task head, and one for all others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from analysis import results
from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.correctness import compared, verdict
from analysis.predictions.entities import Entities, type_name
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.label_sets import LabelSet
from analysis.predictions.question_answering import SpanPredictions
from analysis.predictions.regression import Number
from analysis.predictions.values import Prediction
from analysis.progress import Progress
from cache.predictions import prediction
from dashboard.bench.examples import sample_of
from dashboard.charts.probabilities import CANDIDATES, candidate_bars, label_bars
from dashboard.export.columns import Columns, joined, of_rows
from dashboard.predictions.windows import AVERAGED, WINDOW_TITLES, window_rows
from dashboard.report.finding import Figure, FindingRequest, Section, Table
from dashboard.ui import markup
from dashboard.ui.figures import drawn
from dashboard.ui.markup import Mark
from dashboard.ui.theme import NAMES, SHORT

SAID: dict[type, str] = {
    Classification: "A model's probabilities add up to 1.",
    LabelSet: "Each label is a question of its own: it holds above 50%, so several may hold, or none.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows both answers, and how to read it."""

    reading: str
    body: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


def answers(request: FindingRequest, progress: Progress) -> Section:
    """Both answers with their probabilities, whether they are right, and how far apart they are."""
    example = request.example
    predictions = predictions_of(request)
    compared_answers, sample = compared(predictions, sample_of(example)), sample_of(example)
    expected = verdict(predictions, sample) if sample else None
    shown = SHOWN.get(type(predictions.teacher), _likeliest)(predictions, example)
    divergence = compared_answers.divergence
    apart = (
        "The difference says something only if both were trained on one scale."
        if compared_answers.difference is not None
        else "Their labels differ, so their distributions cannot be compared."
        if divergence is None
        else f"The Jensen–Shannon divergence of their predictions is {divergence:.3f} bits: 0 if they are identical, "
        "1 if they have nothing in common."
    )
    return Section(
        key="answers",
        title="Answers",
        finding=" ".join(filter(None, (compared_answers.sentence, expected))),
        body=shown.body,
        figures=shown.figures,
        tables=shown.tables,
        reading=f"{shown.reading} {apart}",
        numbers=results.answers(predictions),
    )


def predictions_of(request: FindingRequest) -> Sides[Prediction]:
    """Both models' answers."""
    return request.question.sides.map(lambda checkpoint: prediction(checkpoint, request.example))


def _labels(predictions: Sides[Classification | LabelSet], example: Example) -> Shown:
    table = joined(
        {
            "Model": [name] * len(one.labels),
            "Label": list(one.labels),
            "Probability": one.probabilities.tolist(),
            "Logit": one.logits.tolist(),
        }
        for name, one in zip(SHORT, predictions, strict=True)
    )
    figure = Figure("answers", "Probability of each label", drawn(label_bars, predictions), Table("answers", table))
    reading = f"One bar per label and model. {SAID[type(predictions.teacher)]}"
    return _with_windows(Shown(reading, figures=(figure,)), predictions, example)


def _with_windows(shown: Shown, predictions: Sides[Any], example: Example) -> Shown:
    """The same with the answers to each window of a long text."""
    rows = window_rows(predictions, example)
    if not rows:
        return shown
    tables = (*shown.tables, Table("answers-by-window", of_rows(WINDOW_TITLES, rows)))
    return replace(shown, reading=f"{shown.reading} {AVERAGED}", tables=tables)


def _masks(predictions: Sides[MaskPredictions], example: Example) -> Shown:
    figures, masks = [], predictions.teacher.masks
    for place in range(len(masks)):
        number = f" {place + 1}" if len(masks) > 1 else ""
        name = f"answers-mask-{place + 1}"
        table = joined(
            {
                "Model": [side] * CANDIDATES,
                "Rank": list(range(1, CANDIDATES + 1)),
                "Word piece": [piece for piece, _ in one.best(place, CANDIDATES)],
                "Probability": [probability for _, probability in one.best(place, CANDIDATES)],
            }
            for side, one in zip(SHORT, predictions, strict=True)
        )
        bars = drawn(candidate_bars, predictions, place)
        figures.append(Figure(name, f"Candidates for [MASK]{number}", bars, Table(name, table)))
    reading = (
        "The likeliest word pieces of either model, each with its probability and its rank (#) in the whole vocabulary "
        "of both. A piece that begins with ## continues the word before it."
    )
    return Shown(reading, figures=tuple(figures))


def _entities(predictions: Sides[Entities], example: Example) -> Shown:
    found = predictions.map(lambda one: {(e.label, e.start, e.end): e for e in one.entities})
    body = "".join(
        _of_side(name, markup.marked(example.text, [_mark(e, key not in other) for key, e in own.items()], side))
        for (side, name), own, other in zip(NAMES.items(), found, reversed(list(found)), strict=True)
    )
    both = sorted((found.teacher | found.student).items(), key=lambda item: item[0][1:])
    scores = {
        name: [own[key].score if key in own else None for key, _ in both]
        for name, own in zip(SHORT, found, strict=True)
    }
    columns: Columns = {
        "Entity": [entity.text for _, entity in both],
        "Type": [type_name(entity.label) for _, entity in both],
        **{f"{name}: probability": values for name, values in scores.items()},
    }
    reading = (
        "A dashed frame marks what only this model found, or found with another extent or type. The probability is the "
        "mean over the entity's words."
    )
    return Shown(reading, body=body, tables=(Table("answers", columns),))


def _mark(entity: Any, only: bool) -> Mark:
    return Mark(entity.start, entity.end, type_name(entity.label), only=only)


def _spans(predictions: Sides[SpanPredictions], example: Example) -> Shown:
    differ = len({one.answer_key for one in predictions}) > 1
    body = ""
    for (side, name), one in zip(NAMES.items(), predictions, strict=True):
        best = one.answers[0]
        marks = [] if one.answer_key == "no answer" else [Mark(best.start, best.end, only=differ)]
        body += _of_side(name, markup.marked(example.text_pair or "", marks, side))
    table = joined(
        {
            "Model": [name] * len(one.answers),
            "Rank": list(range(1, len(one.answers) + 1)),
            "Answer": [answer.text for answer in one.answers],
            "Probability": [answer.probability for answer in one.answers],
        }
        for name, one in zip(SHORT, predictions, strict=True)
    )
    reading = (
        "The probability of a span among all spans of up to 30 tokens in the context. Answers that differ only in "
        "case, punctuation or articles count as the same, as in SQuAD's evaluation."
    )
    return Shown(reading, body=body, tables=(Table("answers", table),))


def _numbers(predictions: Sides[Number], example: Example) -> Shown:
    columns: Columns = {"Model": list(SHORT), "Number": [one.value for one in predictions]}
    shown = Shown("The one output of each model, as it is.", tables=(Table("answers", columns),))
    return _with_windows(shown, predictions, example)


def _likeliest(predictions: Sides[Prediction], _: Example) -> Shown:
    rows = [
        (name, place + 1, each["outcome"], each["probability"])
        for name, side in zip(SHORT, ("teacher", "student"), strict=True)
        for place, row in enumerate(results.answers(predictions)[side]["likeliest"])
        for each in row
    ]
    columns = of_rows(("Model", "Place", "Outcome", "Probability"), rows)
    return Shown("What either model gives most probability to.", tables=(Table("answers", columns),))


def _of_side(name: str, text: str) -> str:
    return markup.element("div", "dl-name", markup.escaped(name)) + text


SHOWN: dict[type, Callable[[Sides[Any], Example], Shown]] = {
    Classification: _labels,
    LabelSet: _labels,
    Number: _numbers,
    MaskPredictions: _masks,
    Entities: _entities,
    SpanPredictions: _spans,
}
