"""Can the student replace the teacher? Four numbers of a pair on one task, each with a rule and the published figure.

card = scorecard(evidence)
finding(evidence.task, card)    # "For question answering, the student is 39.2% smaller …"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.claims.claim import Definition, Measurement, Missing, Result
from analysis.claims.criteria import FAILS, PENDING, UNMEASURABLE, Criterion
from analysis.claims.evidence import Evidence
from analysis.claims.evidence_from import sizes
from analysis.claims.evidence_from.quality import REPORTED, in_per_cent, kept_on, samples_of
from analysis.claims.judging import number, results_of
from analysis.claims.statements.cost import SECONDS, TABLE_3, TIMES
from analysis.distillation.metrics import LEADING, in_words, leading, metric_named, noun_of
from analysis.distillation.record import TEACHERS, Experiment, MetricValue
from analysis.literature import GLUE, MACRO_SCORE, MILLION_PARAMETERS
from analysis.wording import interval

SIZE, SPEED, QUALITY, SAME = "Size saved", "Speed here", "Quality kept", "Same answers"
TIMES_AS_FAST = "times as fast"

NOT_MEASURED = "Not measured on this machine yet."
NOT_EVALUATED = "Not evaluated: these checkpoints come without test results; the embedded pair ships its own."
RANDOM = "Not measurable with random weights: they have learned nothing."
NO_ROW = "The evaluation beside these checkpoints lacks this task."

COUNTED = {  # task -> what the share of same answers is of
    "fill-mask": "masked words",
    "sentiment": "texts",
    "entities": "words",
    "question-answering": "questions",
    "sentence-pair": "pairs",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """The number from which a row passes, and the sentence that says so, with `{}` for the number."""

    least: float
    sentence: str

    @property
    def text(self) -> str:
        return self.sentence.format(f"{self.least:g}")


@dataclass(frozen=True, slots=True)
class Clause:
    """What the finding says of a row, and whether the row fails."""

    text: str
    fails: bool


# Thresholds of this page: round numbers below what the paper reports (40%, 1.6 times, 97%); nobody published a fourth.
RULES: Mapping[str, Rule] = {
    SIZE: Rule(30, "Passes if the student has at least {}% fewer parameters."),
    SPEED: Rule(1.5, "Passes if the student is at least {} times as fast."),
    QUALITY: Rule(95, "Passes if the student keeps at least {}% of the teacher's score."),
    SAME: Rule(90, "Passes if at least {}% of the answers stay the same."),
}


def scorecard(evidence: Evidence) -> tuple[Result, ...]:
    """The four rows in their order; what is not known has its reason, and the published figure all the same."""
    return tuple(result for row in definitions(evidence.task) for result in results_of(row, evidence))


def definitions(task: str) -> tuple[Definition, ...]:
    """What is measured for each row, its rule, and what is published about it for this task or, if nothing is, GLUE."""
    reported = REPORTED.get(task)
    return (
        Definition(
            SIZE,
            "How many fewer parameters (weights) the student has, its task head included. Counted, so exact. The "
            "published figure is without a head.",
            sizes.smaller(lambda size: size.parameters, 1e6, "M parameters"),
            _criterion(SIZE),
            reported=100 * (1 - MILLION_PARAMETERS.student / MILLION_PARAMETERS.teacher),
            reported_as=f"{MILLION_PARAMETERS.student} of {MILLION_PARAMETERS.teacher} M parameters",
            reported_by=TABLE_3,
        ),
        Definition(
            SPEED,
            "The teacher's time for one text over the student's: 2 means half the time. Both read texts of 32 tokens, "
            "one at a time, in interleaved rounds.",
            _speed,
            _criterion(SPEED),
            TIMES_AS_FAST,
            reported=TIMES,
            reported_as=SECONDS,
            reported_by=TABLE_3,
        ),
        Definition(
            QUALITY,
            "The student's score on the test examples over the teacher's: 100% if the student is as good.",
            _kept,
            _criterion(QUALITY),
            reported=100 * (reported.kept if reported else MACRO_SCORE.student / MACRO_SCORE.teacher),
            reported_as=reported.title if reported else "GLUE, mean of nine tasks",
            reported_by=reported.source if reported else GLUE,
        ),
        Definition(
            SAME,
            f"How often both models answer alike, right or wrong, counted over {counted(task)} of the test examples. "
            "What relies on the teacher's answers notices every one that changes, even if the quality is kept.",
            _same,
            _criterion(SAME),
            reported_as="the paper does not report it",
        ),
    )


def finding(task: str, card: tuple[Result, ...]) -> str:
    """All four rows in one sentence, then what is not known yet."""
    clauses = {result.definition.name: _clause(task, result) for result in card if result.measured}
    looks = " and ".join(clauses[name].text for name in (SIZE, SPEED) if name in clauses)
    sentence = _joined(f"is {looks}", [clauses[name] for name in (QUALITY, SAME) if name in clauses])
    verdicts = {result.definition.name: result.verdict for result in card}
    unknown = [
        *([UNKNOWN_SPEED[verdicts[SPEED]]] if SPEED not in clauses else []),
        *([] if clauses.keys() & {QUALITY, SAME} else ["How good its answers are is not known."]),
    ]
    return " ".join([f"For {noun_of(task)}, the student {sentence}.", *unknown])


def _clause(task: str, result: Result) -> Clause:
    assert result.measured
    fails = result.verdict == FAILS
    return Clause(
        CLAUSES[result.definition.name](task, result.measured.estimate.value, "only " if fails else ""), fails
    )


def _joined(first: str, others: list[Clause]) -> str:
    """Clauses as one sentence, with “but” before those that fail."""
    sentence, failed = first, False
    for place, clause in enumerate(others, 1):
        joint = " and " if failed else ", but " if clause.fails else ", and " if place == len(others) else ", "
        sentence, failed = f"{sentence}{joint}{clause.text}", clause.fails
    return sentence


def _smaller(task: str, less: float, only: str) -> str:
    return f"{only}{number(less, '%')} smaller" if less >= 0 else f"{number(-less, '%')} larger"


def _as_fast(task: str, times: float, only: str) -> str:
    return f"{only}{times:.1f} {TIMES_AS_FAST}"


def _keeps(task: str, kept: float, only: str) -> str:
    return f"keeps {only}{number(kept, '%')} of the {metric_named(LEADING.get(task, 'score')).noun}"


def _gives(task: str, same: float, only: str) -> str:
    return f"gives the same answer for {only}{number(same, '%')} of the {counted(task)}"


CLAUSES: Mapping[str, Callable[[str, float, str], str]] = {
    SIZE: _smaller,
    SPEED: _as_fast,
    QUALITY: _keeps,
    SAME: _gives,
}
UNKNOWN_SPEED = {
    PENDING: "Its speed is not measured yet.",
    UNMEASURABLE: "Its speed could not be measured conclusively.",
}


def _criterion(name: str) -> Criterion:
    return Criterion(RULES[name].least, RULES[name].least)


def _speed(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    if evidence.speed is None:
        return Missing(NOT_MEASURED, PENDING)
    timing = evidence.speed.floats
    if isinstance(timing, str):
        return Missing(timing)
    return (Measurement(timing.times, timing.conditions, shown=f"{interval(timing.times)} {TIMES_AS_FAST}"),)


def _kept(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    experiment = _experiment(evidence)
    if isinstance(experiment, Missing):
        return experiment
    row = next((row for row in leading(experiment.kept) if row.task == evidence.task), None)
    if row is None:
        return Missing(NO_ROW)
    measured = kept_on(row)
    scores = [experiment.measured(row.task, row.metric, side) for side in ("student", "teacher")]
    values = " instead of ".join(f"{100 * score.value:.1f}%" for score in scores if score)
    return (Measurement(measured.estimate, measured.conditions, f"{metric_named(row.metric).noun} {values}"),)


def _same(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    experiment = _experiment(evidence)
    if isinstance(experiment, Missing):
        return experiment
    pair = _agreement(experiment, evidence.task, None)
    if pair is None:
        return Missing(NO_ROW)
    teachers = _agreement(experiment, evidence.task, TEACHERS)
    compared = f"; two trainings of the teacher: {in_words(teachers)}" if teachers else ""
    detail = f"of the {counted(evidence.task)}{compared}"
    return (Measurement(in_per_cent(pair), samples_of((pair,)), detail),)


def _experiment(evidence: Evidence) -> Experiment | Missing:
    return evidence.experiment or Missing(NOT_EVALUATED if evidence.trained else RANDOM)


def _agreement(experiment: Experiment, task: str, side: str | None) -> MetricValue | None:
    wanted = (task, "agreement", side)
    return next((row for row in experiment.together if (row.task, row.metric, row.side) == wanted), None)


def counted(task: str) -> str:
    """What the share of same answers is of."""
    return COUNTED.get(task, "examples")
