"""The four rows of the scorecard as one table."""

from __future__ import annotations

from analysis.claims.claim import Result
from analysis.claims.scorecard import RULES
from dashboard.export.claims import conditions, estimate
from dashboard.export.columns import Columns


def scorecard_table(card: tuple[Result, ...]) -> Columns:
    """Columns by title, one row per row of the scorecard; None if there is no number."""
    numbers = [estimate(result) for result in card]
    return {
        "Row": [result.definition.name for result in card],
        "Unit": [result.definition.unit for result in card],
        "This pair": [value for value, _, _ in numbers],
        "Low": [low for _, low, _ in numbers],
        "High": [high for _, _, high in numbers],
        "Verdict": [result.verdict for result in card],
        "Rule": [RULES[result.definition.name].text for result in card],
        "Published": [None if result.reported is None else round(result.reported, 4) for result in card],
        "Published as": [result.reported_as for result in card],
        "Published where": [result.reported_by.citation if result.reported_by else "" for result in card],
        "Conditions, or why not": [conditions(result) for result in card],
    }
