"""Sizes of the two networks, counted from their weights and configurations as loaded."""

from __future__ import annotations

from collections.abc import Callable

from analysis.claims.claim import Measurement, Missing
from analysis.claims.criteria import exactly
from analysis.claims.evidence import Evidence
from analysis.inputs.tasks import TASKS
from analysis.models.architecture import Architecture

Count = Callable[[Architecture], int]


def counted(evidence: Evidence) -> str:
    """The conditions that are shown for counts."""
    return f"counted from both networks as loaded for {TASKS[evidence.task].title.lower()}"


def smaller(size: Count, scale: float, unit: str) -> Callable[[Evidence], tuple[Measurement, ...] | Missing]:
    """How many per cent smaller the student is than the teacher; both sizes are shown in `unit`, which is `scale`."""

    def measure(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
        teacher, student = evidence.sizes.map(size)
        if not teacher or not student:
            return Missing("Random weights are not stored on disk.")
        detail = f"{student / scale:.3g} of {teacher / scale:.3g} {unit}"
        return (Measurement(exactly(100 * (1 - student / teacher)), counted(evidence), detail),)

    return measure


def of_the_student(count: Count) -> Callable[[Evidence], tuple[Measurement, ...] | Missing]:
    """A count in the student, beside that in the teacher."""

    def measure(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
        teacher, student = evidence.sizes.map(count)
        return (Measurement(exactly(student), counted(evidence), f"the teacher has {teacher:,}"),)

    return measure


def of_the_teacher(count: Count) -> Callable[[Evidence], tuple[Measurement, ...] | Missing]:
    """A count in the teacher, beside that in the student."""

    def measure(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
        teacher, student = evidence.sizes.map(count)
        return (Measurement(exactly(teacher), counted(evidence), f"the student has {student:,}"),)

    return measure


def fewer(count: Count) -> Callable[[Evidence], tuple[Measurement, ...] | Missing]:
    """How many fewer the student has than its teacher; negative if it has more."""

    def measure(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
        teacher, student = evidence.sizes.map(count)
        shown = f"{student:,} in the student, {teacher:,} in the teacher"
        return (Measurement(exactly(teacher - student), counted(evidence), shown=shown),)

    return measure


def share(count: Count) -> Callable[[Evidence], tuple[Measurement, ...] | Missing]:
    """The student's count in per cent of the teacher's."""

    def measure(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
        teacher, student = evidence.sizes.map(count)
        return (Measurement(exactly(100 * student / teacher), counted(evidence), f"{student:,} of {teacher:,}"),)

    return measure


def weight(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    """Megabytes of the student's weights in memory."""
    conditions = f"32-bit floats, {counted(evidence)}"
    return (Measurement(exactly(evidence.sizes.student.memory_bytes / 1e6), conditions),)


def integer_weight(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    """Megabytes of the student's weights after dynamic quantisation."""
    conditions = f"8-bit integers in linear layers, 32-bit floats elsewhere, {counted(evidence)}"
    return (Measurement(exactly(evidence.sizes.student.integer_bytes / 1e6), conditions),)
