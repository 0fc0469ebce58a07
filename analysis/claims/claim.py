"""Claims and their definitions, and the results once they are judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.claims.criteria import UNMEASURABLE, Criterion
from analysis.claims.evidence import Evidence
from analysis.literature import Source
from analysis.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement: its number, how it was made, and `detail` to read beside it.

    `shown` is displayed instead of a number that says little by itself. `name` replaces the definition's name if that
    is measured on several things; `reported` is then what was published of this one, in the same unit.
    """

    estimate: Estimate
    conditions: str
    detail: str = ""
    shown: str = ""
    name: str = ""
    reported: float | None = None
    reported_as: str = ""
    reported_by: Source | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no measurement, as a sentence, and the verdict that this leaves: `UNMEASURABLE` or `PENDING`."""

    reason: str
    verdict: str = UNMEASURABLE


@dataclass(frozen=True, slots=True)
class Definition:
    """One exact meaning of a claim: what is measured for it, in `unit`, and the criterion that the number must meet.

    Without a `criterion` it is shown for comparison only. `reported` is the full-size pair's published number, in the
    same unit, `reported_as` says what it is made of or is shown in its place, and `reported_by` says where it is
    published.
    """

    name: str
    meaning: str
    measure: Callable[[Evidence], tuple[Measurement, ...] | Missing]
    criterion: Criterion | None = None
    unit: str = "%"
    reported: float | None = None
    reported_as: str = ""
    reported_by: Source | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """A claim as somebody worded it, with its source."""

    wording: str
    source: Source


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim: a short title, verbatim quotations with their sources, and every exact meaning that it can have.

    `about_weights`: it is about what a pair has learned, so that a verdict is on that pair alone, not on its sizes.
    """

    title: str
    quotations: tuple[Quotation, ...]
    definitions: tuple[Definition, ...]
    about_weights: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The result for one meaning of a claim.

    `measured` is None if there is no measurement; `reason` then says why, or else why the measurement is inconclusive.
    `verdict` is one of `VERDICTS`, or "" if the definition has no criterion. `reported_verdict` is the verdict on the
    published number.
    """

    name: str
    definition: Definition
    measured: Measurement | None
    verdict: str
    reason: str
    reported: float | None
    reported_as: str
    reported_by: Source | None
    reported_verdict: str


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A claim with the verdict on it, why in one sentence, what the published numbers say, and its lines."""

    claim: Claim
    verdict: str
    why: str
    published: str
    results: tuple[Result, ...]
