"""What the training records say: which losses were minimised, what they added, and which text both models read."""

from __future__ import annotations

from analysis.claims.claim import Measurement, Missing
from analysis.claims.criteria import exactly
from analysis.claims.evidence import Evidence
from analysis.distillation.metrics import LEADING
from analysis.distillation.record import CURVES, EVALUATION, SHORT, Experiment
from analysis.statistics import Estimate

NO_RECORDS = "No training record lies beside these checkpoints, and the weights do not show it."
RANDOM = "Random weights were not trained."
LOSSES = {"mlm": "masked language", "soft": "distillation", "cosine": "cosine distance"}  # as a training log names them
PRETRAINING = "fill-mask"


def _records(evidence: Evidence) -> Experiment | Missing:
    return evidence.experiment or Missing(NO_RECORDS if evidence.trained else RANDOM)


def losses(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    """How many of the three losses the student's training log has."""
    records = _records(evidence)
    if isinstance(records, Missing):
        return records
    curve = records.curve("student")
    if curve is None:
        return Missing("The records have no log of the student's distillation.")
    logged = [noun for name, noun in LOSSES.items() if curve.line(name)]
    return (Measurement(exactly(len(logged)), f"from the student's log in {CURVES}", ", ".join(logged)),)


def teacher_adds(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    """What the two losses from the teacher add to the student's score before fine-tuning, in points."""
    records = _records(evidence)
    if isinstance(records, Missing):
        return records
    row = records.added(PRETRAINING, LEADING[PRETRAINING])
    if row is None:
        return Missing("No student trained without its teacher was measured.")
    conditions = f"95% CI from 1,000 bootstrap samples of the {row.n:,} held-out texts, from {EVALUATION}"
    run = records.curve(SHORT)
    detail = f"in two short runs of {run.tokens / 1e6:.1f} million tokens each" if run else ""
    return (Measurement(Estimate(100 * row.value, 100 * row.low, 100 * row.high), conditions, detail),)


def shared_sources(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    """From how many sources of text both models were pre-trained."""
    records = _records(evidence)
    if isinstance(records, Missing):
        return records
    if not records.sources or None in map(records.curve, ("teacher", "student")):
        return Missing("The records do not say what both models read.")
    return (Measurement(exactly(len(records.sources)), f"as recorded in {CURVES}", "one list for both models"),)


def tokens_read(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    """How many tokens the student read, in per cent of the teacher's."""
    records = _records(evidence)
    if isinstance(records, Missing):
        return records
    teacher, student = map(records.curve, ("teacher", "student"))
    if teacher is None or student is None:
        return Missing("The records do not say what both models read.")
    detail = f"{student.tokens / 1e6:.1f} of {teacher.tokens / 1e6:.1f} million tokens"
    return (Measurement(exactly(100 * student.tokens / teacher.tokens), f"as recorded in {CURVES}", detail),)
