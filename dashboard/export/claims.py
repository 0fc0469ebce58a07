"""The results of all claims as one table."""

from __future__ import annotations

from analysis.claims.claim import JudgedClaim, Result
from analysis.claims.judging import criterion_text
from dashboard.export.columns import Columns


def claims_table(claims: tuple[JudgedClaim, ...]) -> Columns:
    """Columns by title, one row per exact meaning; None if there is no number."""
    rows = [(judged, result) for judged in claims for result in judged.results]
    return {
        "Claim": [judged.claim.title for judged, _ in rows],
        "Verdict on the claim": [judged.verdict for judged, _ in rows],
        "Meaning": [result.name for _, result in rows],
        "Verdict": [result.verdict or "to compare" for _, result in rows],
        "Unit": [result.definition.unit for _, result in rows],
        "Measured here": [estimate(result)[0] for _, result in rows],
        "Low": [estimate(result)[1] for _, result in rows],
        "High": [estimate(result)[2] for _, result in rows],
        "Criterion": [criterion_text(result.definition.criterion, result.definition.unit) for _, result in rows],
        "Published": [None if result.reported is None else round(result.reported, 4) for _, result in rows],
        "Published as": [result.reported_as for _, result in rows],
        "Published where": [result.reported_by.citation if result.reported_by else "" for _, result in rows],
        "Conditions, or why not": [conditions(result) for _, result in rows],
        "Said by": [judged.claim.quotations[0].source.title for judged, _ in rows],
        "Address": [judged.claim.quotations[0].source.url for judged, _ in rows],
    }


def estimate(result: Result) -> tuple[float | None, float | None, float | None]:
    """A number and the ends of its interval."""
    if result.measured is None:
        return None, None, None
    estimate = result.measured.estimate
    return round(estimate.value, 4), round(estimate.low, 4), round(estimate.high, 4)


def conditions(result: Result) -> str:
    """How a number was measured, or why there is none."""
    return " ".join(filter(None, (result.reason, result.measured.conditions if result.measured else "")))
