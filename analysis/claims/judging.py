"""From measurements to verdicts: each meaning of a claim is judged on its own, then the claim as a whole.

judge(claim, evidence).why    # one sentence with the numbers
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.claims.claim import Claim, Definition, JudgedClaim, Measurement, Missing, Result
from analysis.claims.criteria import (
    AT_LEAST,
    FAILS,
    HOLDS,
    IN_PART,
    INCONCLUSIVE,
    PENDING,
    UNMEASURABLE,
    Criterion,
    exactly,
    verdict_on,
)
from analysis.claims.evidence import Evidence
from analysis.statistics import Estimate

COMPARED = ""  # the verdict on a result whose definition has no criterion
DECIDING = (FAILS, HOLDS, PENDING, INCONCLUSIVE, UNMEASURABLE)  # a meaning that fails tells more than one that holds
PHRASES = {
    HOLDS: "it holds for",
    FAILS: "it does not hold for",
    INCONCLUSIVE: "the interval contains the threshold for",
}


def judge(claim: Claim, evidence: Evidence) -> JudgedClaim:
    """The verdict on a claim and the results that it follows from.

    A claim holds if all its meanings that could be judged hold, and holds in part if only some of them do.
    """
    results = tuple(result for definition in claim.definitions for result in results_of(definition, evidence))
    verdict = overall([result.verdict for result in results])
    return JudgedClaim(claim, verdict, _why(results), _published(results), results)


def overall(verdicts: list[str]) -> str:
    """The verdict that follows from those on all meanings; meanings that neither hold nor fail do not count."""
    decided = {HOLDS, FAILS}.intersection(verdicts)
    if not decided:
        return next((verdict for verdict in (PENDING, INCONCLUSIVE) if verdict in verdicts), UNMEASURABLE)
    return IN_PART if len(decided) > 1 else decided.pop()


def decisive(results: tuple[Result, ...]) -> Result:
    """The result to show where there is room for one: the first of those with the verdict that decides on the claim.

    A claim that holds in part is decided by the first meaning for which it does not.
    """
    return min((result for result in results if result.verdict), key=lambda result: DECIDING.index(result.verdict))


def results_of(definition: Definition, evidence: Evidence) -> tuple[Result, ...]:
    """The results for one meaning, one per measurement."""
    measurements = definition.measure(evidence)
    if isinstance(measurements, Missing):
        return (_result(definition, measurements),)
    return tuple(_result(definition, measured) for measured in measurements)


def _result(definition: Definition, outcome: Measurement | Missing) -> Result:
    measured = None if isinstance(outcome, Missing) else outcome
    verdict = outcome.verdict if isinstance(outcome, Missing) else _verdict(definition, outcome.estimate)
    reason = outcome.reason if isinstance(outcome, Missing) else ""
    if measured and verdict == INCONCLUSIVE:
        reason = f"The interval {measurement_text(measured, definition.unit)} contains the threshold."
    published = measured if measured and measured.reported is not None else definition
    return Result(
        name=measured.name if measured and measured.name else definition.name,
        definition=definition,
        measured=measured,
        verdict=verdict if definition.criterion else COMPARED,
        reason=reason,
        reported=published.reported,
        reported_as=published.reported_as,
        reported_by=published.reported_by,
        reported_verdict=COMPARED if published.reported is None else _verdict(definition, exactly(published.reported)),
    )


def _verdict(definition: Definition, estimate: Estimate) -> str:
    return COMPARED if definition.criterion is None else verdict_on(estimate, definition.criterion)


def _why(results: tuple[Result, ...]) -> str:
    """What the verdict is based on, in one sentence with the numbers, or why there is no measurement."""
    figures = {
        result.name: (result.verdict, measurement_text(result.measured, result.definition.unit))
        for result in results
        if result.measured and result.verdict
    }
    if not figures:
        return next(result.reason for result in results if result.verdict)
    sentence = _grouped(figures)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _published(results: tuple[Result, ...]) -> str:
    """The same sentence about the published numbers; "" if there are none."""
    figures = {
        result.name: (result.reported_verdict, number(result.reported, result.definition.unit))
        for result in results
        if result.reported is not None and result.reported_verdict
    }
    return f"By the numbers published for the full-size pair {_grouped(figures)}." if figures else ""


def _grouped(figures: Mapping[str, tuple[str, str]]) -> str:
    """Names with their figures, grouped by verdict; `figures` has (verdict, figure) by name."""
    groups = {
        verdict: [f"{name} ({figure})" for name, (own, figure) in figures.items() if own == verdict]
        for verdict in PHRASES
    }
    return "; ".join(f"{PHRASES[verdict]} {', '.join(group)}" for verdict, group in groups.items() if group)


def number(value: float, unit: str) -> str:
    """A number with its unit; counts and megabytes have no decimals if they are whole.

    >>> number(39.38, "%"), number(6, ""), number(17.4, "MB")
    ('39.4%', '6', '17.4 MB')
    """
    digits = f"{value:,.0f}" if value == round(value) and unit != "%" else f"{value:,.1f}"
    return _with_unit(digits, unit)


def _with_unit(digits: str, unit: str) -> str:
    return f"{digits}%" if unit == "%" else f"{digits} {unit}".strip()


def measurement_text(measured: Measurement, unit: str) -> str:
    """The number, with its interval if it has one, or the text that is shown instead."""
    estimate = measured.estimate
    if measured.shown:
        return measured.shown
    value = number(estimate.value, unit)
    return value if estimate.low == estimate.high else f"{value} [{estimate.low:,.1f}, {estimate.high:,.1f}]"


def criterion_text(criterion: Criterion | None, unit: str) -> str:
    """What a claim requires of the number: “at least 35% (“40%” is taken as a rounded figure)”."""
    if criterion is None:
        return ""
    figure, least = (_with_unit(_plain(value), unit) for value in (criterion.figure, criterion.least))
    if criterion.asks == AT_LEAST and criterion.least != criterion.figure:
        return f"{AT_LEAST} {least} (“{figure}” is taken as a rounded figure)"
    return f"{criterion.asks} {figure}"


def _plain(value: float) -> str:
    """A number without superfluous decimals: 40, 96.5."""
    return f"{value:,.1f}".removesuffix(".0")
