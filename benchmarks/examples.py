"""Which candidates for an example text show best what the student kept and lost: the choice behind `Task.samples`.

    python -m benchmarks.examples                                # every task, the embedded pair
    python -m benchmarks.examples --task sentiment --show 20
    python -m benchmarks.examples --task sentiment --teacher FOLDER --student FOLDER

The candidates are in `training/candidates/`, a file a task: groups of one phenomenon, each with a line on what to look
for. They were written for this and are in none of the tasks' data sets (proverbs and set phrases are in the
pre-training text, as in any). All are kept, whatever the models answer. The entities of a candidate have the types of
the Groningen Meaning Bank; those of `COMMON_TYPES` (`analysis/predictions/entities.py`) are compared.
Examples are chosen for being telling, so their share of errors says nothing about how often a model errs:
`checkpoints/evaluation.json` does.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample, as_expected
from analysis.inputs.tasks import TASKS
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS, Sides, own_pair
from analysis.predictions.classification import Classification
from analysis.predictions.comparison import divergence
from analysis.predictions.correctness import VERDICTS, in_words, sides_correct
from analysis.predictions.entities import COMMON_TYPES, Entities
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.heads import predict
from analysis.predictions.question_answering import SpanPredictions
from analysis.predictions.values import Prediction
from benchmarks.running import options_of

CANDIDATES = Path(__file__).resolve().parent.parent / "training" / "candidates"
SHORT = 12  # words that are read at a glance


@dataclass(frozen=True, slots=True)
class Outcome:
    """What both sides make of one candidate. `right` is None where people differ; `confidence` is from 0 to 1.

    `divergence` is in bits, None between models with different labels.
    """

    sample: Sample
    answers: Sides[str]
    right: Sides[bool] | None
    confidence: Sides[float]
    divergence: float | None

    @property
    def rights(self) -> tuple[bool, bool] | None:
        """Whether the teacher and the student are right: a key of `VERDICTS`."""
        return None if self.right is None else (self.right.teacher, self.right.student)


Score = Callable[[Outcome], float | None]


def telling(outcome: Outcome) -> float | None:
    """How telling a disagreement is, 0 to 1: one side right, the other wrong, both sure, the text short."""
    return score(outcome, {(True, False), (False, True)})


def agreement(outcome: Outcome) -> float | None:
    """How clearly both sides are right, 0 to 1."""
    return score(outcome, {(True, True)})


def both_wrong(outcome: Outcome) -> float | None:
    """How clearly both sides are wrong, 0 to 1."""
    return score(outcome, {(False, False)})


def doubtful(outcome: Outcome) -> float | None:
    """How far apart the two sides are, in bits, where people differ."""
    return outcome.divergence if outcome.rights is None else None


def score(outcome: Outcome, wanted: set[tuple[bool, bool]]) -> float | None:
    """The geometric mean of both confidences, less beyond `SHORT` words; None where other sides are right."""
    if outcome.rights not in wanted:
        return None
    return float(math.sqrt(math.prod(outcome.confidence)) * min(1.0, SHORT / words(outcome.sample)) ** 0.5)


def words(sample: Sample) -> int:
    """How many words there are to read."""
    return len(f"{sample.text} {sample.text_pair or ''}".split())


def ranked(outcomes: Iterable[Outcome], by: Score) -> list[tuple[float, Outcome]]:
    """The outcomes that have a score, highest first; ties stay in the order of the file."""
    scored = [(value, outcome) for outcome in outcomes if (value := by(outcome)) is not None]
    return sorted(scored, key=lambda pair: -pair[0])


def reason(outcome: Outcome) -> str:
    """Why an outcome is where it is, in words."""
    teacher, student = outcome.confidence
    sure = f"sure by {teacher:.2f} and {student:.2f}, {words(outcome.sample)} words"
    apart = "" if outcome.divergence is None else f", {outcome.divergence:.2f} bits apart"
    if outcome.rights is None or outcome.sample.expected is None:
        return f"people differ; {sure}{apart}"
    return f"expected {in_words(outcome.sample.expected)}: {VERDICTS[outcome.rights].lower()}; {sure}{apart}"


RANKINGS: dict[str, Score] = {
    "most telling disagreement": telling,
    "best agreement": agreement,
    "both wrong": both_wrong,
    "people differ": doubtful,
}


def confidence(prediction: Prediction) -> float:
    """The probability of the answer; for named entities, that of the tag of which the model is least sure."""
    return CONFIDENCES[type(prediction)](prediction)


CONFIDENCES: dict[type, Callable[[Any], float]] = {
    Classification: lambda found: float(found.probabilities.max()),
    MaskPredictions: lambda found: found.best(0, 1)[0][1],
    Entities: lambda found: float(found.probabilities.max(axis=1).min()),
    SpanPredictions: lambda found: max(found.answers[0].probability, found.no_answer or 0.0),
}


def outcome(models: Sides[Model], sample: Sample) -> Outcome:
    """Both models asked for one candidate."""
    example = Example(models.teacher.task, sample.text, sample.text_pair)
    predictions = models.map(lambda model: predict(model, example))
    right = None if sample.expected is None else sides_correct(predictions, sample)
    answers = predictions.map(lambda prediction: prediction.summary)
    return Outcome(sample, answers, right, predictions.map(confidence), divergence(predictions))


def candidates(task: str) -> list[Sample]:
    """The candidates of a task as the samples that they would be, titled by their phenomenon."""
    groups = json.loads((CANDIDATES / f"{task}.json").read_text(encoding="utf-8"))
    return [
        Sample(group["phenomenon"], group["look_for"], item["text"], item.get("text_pair"), expected(item["expected"]))
        for group in groups
        for item in group["items"]
    ]


def expected(written: Any) -> Any:
    """What a candidate's file expects, as `Sample.expected` has it: of entities, those of types that are compared."""
    if isinstance(written, list) and any(isinstance(each, list) for each in written):
        written = [[text, COMMON_TYPES[kind]] for text, kind in written if kind in COMMON_TYPES]
    return as_expected(written)


def report(outcomes: list[Outcome], show: int) -> None:
    """Prints the rankings, then how each phenomenon came out, with its most telling disagreement."""
    print(f"{len(outcomes)} candidates: {counts(outcomes)}")
    for title, by in RANKINGS.items():
        found = ranked(outcomes, by)
        print(f"\n{title} ({len(found)})")
        print_outcomes(found[:show])
    print("\nby phenomenon")
    phenomena = defaultdict(list)
    for one in outcomes:
        phenomena[one.sample.title].append(one)
    for title, own in phenomena.items():
        print(f"  {title}: {counts(own)}")
        print_outcomes(ranked(own, telling)[:1])


def counts(outcomes: Iterable[Outcome]) -> str:
    """How many outcomes there are of each verdict, in words.

    >>> counts([])
    'both are right 0; the teacher is right, the student wrong 0; the student is right, the teacher wrong 0; …'
    """
    found = Counter(outcome.rights for outcome in outcomes)
    differ = f"; people differ {found[None]}" if found[None] else ""
    return "; ".join(f"{words.lower()} {found[rights]}" for rights, words in VERDICTS.items()) + differ


def print_outcomes(found: Iterable[tuple[float, Outcome]]) -> None:
    for value, one in found:
        text = " || ".join(filter(None, (one.sample.text, one.sample.text_pair)))
        print(f"  {value:.2f}  [{one.sample.title}] {text}")
        print(f"        teacher {one.answers.teacher}; student {one.answers.student}")
        print(f"        {reason(one)}")


def main() -> None:
    parser = options_of(__doc__)
    parser.add_argument("--task", choices=TASKS)
    parser.add_argument("--teacher", help="a folder or owner/name, with --task and --student")
    parser.add_argument("--student", help="a folder or owner/name, with --task and --teacher")
    parser.add_argument("--show", type=int, default=5, help="how many of each ranking")
    options = parser.parse_args()
    own = options.teacher or options.student
    if own and not (options.task and options.teacher and options.student):
        parser.error("--teacher, --student and --task go together")
    for task in [options.task] if options.task else TASKS:
        pair = own_pair(task, options.teacher, options.student) if own else PAIRS["embedded"]
        models = pair.sides(task).map(partial(load, task=task))
        print(f"\n{TASKS[task].title}")
        report([outcome(models, sample) for sample in candidates(task)], options.show)


if __name__ == "__main__":
    main()
