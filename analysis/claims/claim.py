"""Claims, the definitions that they can mean, and both once they are judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.claims.criteria import Criterion
from analysis.claims.evidence import Evidence
from analysis.literature import Source
from analysis.statistics import Estimate


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: its number, how it was made, and `detail` to read beside it.

    `shown` is read instead of a number that says little by itself; `name` instead of the definition's, where that is
    measured on several things; `reported` is then what was published of this one, in the same unit.
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
    """Why there is no measurement; a sentence."""

    reason: str


Found = tuple[Measured, ...] | Missing


@dataclass(frozen=True, slots=True)
class Definition:
    """One exact meaning of a claim: what is measured for it, in `unit`, and what that must reach.

    Without a `target` it only stands beside the others. `reported`: the full-size pair's published number, in the same
    unit, `reported_as` in words what it is made of or what stands for it, `reported_by` where.
    """

    name: str
    meaning: str
    measure: Callable[[Evidence], Found]
    target: Criterion | None = None
    unit: str = "%"
    reported: float | None = None
    reported_as: str = ""
    reported_by: Source | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words as somebody wrote them."""

    wording: str
    source: Source


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that is said: in short, word for word with its source, and all that it can mean."""

    title: str
    said: tuple[Quotation, ...]
    definitions: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One meaning judged; `measured` is None where it could not be, and `reason` says why, or why it decides nothing.

    `verdict` is one of `VERDICTS`, or "" where nothing is asked. `reported_verdict` is that on the published number.
    """

    name: str
    definition: Definition
    measured: Measured | None
    verdict: str
    reason: str
    reported: float | None
    reported_as: str
    reported_by: Source | None
    reported_verdict: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with the verdict on it, why in one sentence, what the published numbers say, and its lines."""

    claim: Claim
    verdict: str
    why: str
    published: str
    lines: tuple[Line, ...]
