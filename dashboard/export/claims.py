"""All lines of all claims as one table."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.claims.claim import Judged, Line
from analysis.claims.judging import asked_in_words

Table = dict[str, Sequence[object]]


def claims_table(found: tuple[Judged, ...]) -> Table:
    """Columns by title, one row for each exact meaning; None where there is no number."""
    rows = [(judged, line) for judged in found for line in judged.lines]
    return {
        "Claim": [judged.claim.title for judged, _ in rows],
        "Verdict on the claim": [judged.verdict for judged, _ in rows],
        "Meaning": [line.name for _, line in rows],
        "Verdict": [line.verdict or "to compare" for _, line in rows],
        "Unit": [line.definition.unit for _, line in rows],
        "Measured here": [_estimate(line)[0] for _, line in rows],
        "Low": [_estimate(line)[1] for _, line in rows],
        "High": [_estimate(line)[2] for _, line in rows],
        "Asked": [asked_in_words(line.definition.target, line.definition.unit) for _, line in rows],
        "Published": [None if line.reported is None else round(line.reported, 4) for _, line in rows],
        "Published as": [line.reported_as for _, line in rows],
        "Published where": [line.reported_by.words if line.reported_by else "" for _, line in rows],
        "Conditions, or why not": [_conditions(line) for _, line in rows],
        "Said by": [judged.claim.said[0].source.title for judged, _ in rows],
        "Address": [judged.claim.said[0].source.url for judged, _ in rows],
    }


def _estimate(line: Line) -> tuple[float | None, float | None, float | None]:
    if line.measured is None:
        return None, None, None
    estimate = line.measured.estimate
    return round(estimate.value, 4), round(estimate.low, 4), round(estimate.high, 4)


def _conditions(line: Line) -> str:
    return " ".join(filter(None, (line.reason, line.measured.conditions if line.measured else "")))
