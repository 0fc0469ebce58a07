"""A finding as a value: what was asked, what both answered, and a section for each thing that the reader looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from analysis.claims.evidence import Speed
from analysis.inputs.examples import Example
from analysis.latency.profile import LatencyProfile
from analysis.models.pairs import Sides
from analysis.progress import Progress
from dashboard.export.columns import Columns
from dashboard.frame import Question

FORMAT = 1  # of results.json, in which a finding is handed on


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by title, all of them in the file `name`. The report shows those in `shown`, or all.

    `largest`: the column whose largest numbers come first in the report, which shows a part of a long table.
    """

    name: str
    columns: Columns
    title: str = "Data table"
    shown: tuple[str, ...] = ()
    largest: str = ""

    @property
    def length(self) -> int:
        return len(next(iter(self.columns.values()), ()))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the numbers behind it. `name` is that of its files; `wide` where it needs all of the width."""

    name: str
    title: str
    figure: go.Figure
    table: Table
    wide: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that the reader looked at: the finding in a sentence, what shows it, and how to read that.

    `body` is HTML that `markup` has made. `numbers` are JSON; what is under "measured" in them are times, which another
    run does not give again. `problem` says why there is nothing else here.
    """

    key: str
    title: str
    finding: str
    body: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    reading: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def all_tables(self) -> tuple[Table, ...]:
        """The tables behind the figures, and those without one."""
        return (*(figure.table for figure in self.figures), *self.tables)


def of_figure(figure: Figure, finding: str, reading: str) -> Section:
    """A section that is one figure, with its name and title."""
    return Section(figure.name, figure.title, finding, figures=(figure,), reading=reading)


@dataclass(frozen=True, slots=True)
class FindingRequest:
    """What a finding is to hold: a question, what is chosen on the pages, and the keys of the sections.

    `choices` are as the address has them, by the keys of the session. Times are what was `measured` on this text, and
    how fast both models are: None where nothing was measured.
    """

    question: Question
    choices: Mapping[str, str]
    sections: tuple[str, ...]
    profile: LatencyProfile | None = None
    speed: Speed | None = None

    @property
    def example(self) -> Example:
        return self.question.example


@dataclass(frozen=True, slots=True)
class Finding:
    """What is handed on. `made` is when, in UTC (ISO 8601); `link` leads back to the page."""

    request: FindingRequest
    headline: str
    answers: Sides[str]
    sections: tuple[Section, ...]
    made: str
    link: str

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for section in self.sections for figure in section.figures)

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(table for section in self.sections for table in section.all_tables)


MakeSection = Callable[[FindingRequest, Progress], Section]
