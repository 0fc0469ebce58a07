"""From measurements to verdicts: every meaning of a claim on its own, then the claim.

judged(claim, evidence).why    # one sentence, made of the numbers
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.claims.claim import Claim, Definition, Judged, Line, Measured, Missing
from analysis.claims.criteria import AT_LEAST, FAILS, HOLDS, IN_PART, UNMEASURED, Criterion, exactly, verdict_on
from analysis.claims.evidence import Evidence
from analysis.statistics import Estimate

COMPARED = ""  # the verdict of a line of which nothing is asked
WORDS = {
    HOLDS: "it holds for",
    FAILS: "it does not hold for",
    UNMEASURED: "the interval has ends on both sides of what is asked for",
}


def judged(claim: Claim, evidence: Evidence) -> Judged:
    """The verdict on a claim and the lines that it follows from.

    It holds where every meaning does that could be measured, and in part where some do.
    """
    lines = tuple(line for definition in claim.definitions for line in _lines(definition, evidence))
    verdict = overall([line.verdict for line in lines])
    return Judged(claim, verdict, _why(lines), _published(lines), lines)


def overall(verdicts: list[str]) -> str:
    """What follows from the verdicts on all meanings; those that could not be measured have no say."""
    found = {HOLDS, FAILS}.intersection(verdicts)
    if not found:
        return UNMEASURED
    return IN_PART if len(found) > 1 else found.pop()


def _lines(definition: Definition, evidence: Evidence) -> tuple[Line, ...]:
    found = definition.measure(evidence)
    if isinstance(found, Missing):
        return (_line(definition, None, found.reason),)
    return tuple(_line(definition, measured) for measured in found)


def _line(definition: Definition, measured: Measured | None, reason: str = "") -> Line:
    verdict = _verdict(definition, measured.estimate if measured else None)
    if measured and verdict == UNMEASURED:
        reason = f"The interval {in_words(measured, definition.unit)} reaches to both sides of what is asked."
    of_this = measured if measured and measured.reported is not None else definition
    return Line(
        name=measured.name if measured and measured.name else definition.name,
        definition=definition,
        measured=measured,
        verdict=verdict,
        reason=reason,
        reported=of_this.reported,
        reported_as=of_this.reported_as,
        reported_by=of_this.reported_by,
        reported_verdict=COMPARED if of_this.reported is None else _verdict(definition, exactly(of_this.reported)),
    )


def _verdict(definition: Definition, estimate: Estimate | None) -> str:
    if definition.target is None:
        return COMPARED
    return UNMEASURED if estimate is None else verdict_on(estimate, definition.target)


def _why(lines: tuple[Line, ...]) -> str:
    """What the verdict rests on, in one sentence with the numbers, or why there is none."""
    told = {
        line.name: (line.verdict, in_words(line.measured, line.definition.unit))
        for line in lines
        if line.measured and line.verdict
    }
    if not told:
        return next(line.reason for line in lines if line.verdict)
    sentence = _grouped(told)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _published(lines: tuple[Line, ...]) -> str:
    """The same of the published numbers; "" where there are none."""
    told = {
        line.name: (line.reported_verdict, number(line.reported, line.definition.unit))
        for line in lines
        if line.reported is not None and line.reported_verdict
    }
    return f"By the numbers published of the full-size pair {_grouped(told)}." if told else ""


def _grouped(told: Mapping[str, tuple[str, str]]) -> str:
    """Names with their figures, by verdict; `told` has (verdict, figure) by name."""
    groups = {
        verdict: [f"{name} ({figure})" for name, (found, figure) in told.items() if found == verdict]
        for verdict in WORDS
    }
    return "; ".join(f"{WORDS[verdict]} {', '.join(group)}" for verdict, group in groups.items() if group)


def number(value: float, unit: str) -> str:
    """A number with its unit; counts and megabytes without decimals where they are whole.

    >>> number(39.38, "%"), number(6, ""), number(17.4, "MB")
    ('39.4 %', '6', '17.4 MB')
    """
    digits = f"{value:,.0f}" if value == round(value) and unit != "%" else f"{value:,.1f}"
    return f"{digits} {unit}".strip()


def in_words(measured: Measured, unit: str) -> str:
    """The number with its interval, where it has one, or what is to be read instead."""
    estimate = measured.estimate
    if measured.shown:
        return measured.shown
    told = number(estimate.value, unit)
    return told if estimate.low == estimate.high else f"{told} [{estimate.low:,.1f}, {estimate.high:,.1f}]"


def asked_in_words(target: Criterion | None, unit: str) -> str:
    """What a claim asks of the number: “at least 40 %, rounded: from 35 %”."""
    if target is None:
        return ""
    asked = f"{target.asks} {_plain(target.figure)} {unit}".strip()
    rounded = target.asks == AT_LEAST and target.least != target.figure
    return f"{asked}, rounded: from {_plain(target.least)} {unit}".strip() if rounded else asked


def _plain(value: float) -> str:
    """As people write it: 40, 96.5."""
    return f"{value:,.1f}".removesuffix(".0")
