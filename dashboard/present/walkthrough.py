"""A walkthrough as a value: steps to be shown one after the other, each of them a view of one of our own pages.

    step = Step("Look here", "Two sentences.", "layer-map", "", "similarity?task=sentiment")
    checked(Walkthrough("A talk", "What it shows.", (step,)))

Whoever makes one, in a file or on a page, has it `checked`: bounded, and pointing at what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qs

from analysis.errors import AnalysisError
from analysis.wording import shown
from dashboard.address_keys import KEYS, LONG, TABS, name_of, value_of
from dashboard.links import PACKED
from dashboard.present.findings import FINDINGS
from dashboard.present.points import POINTS

MOST_STEPS = 40
MOST_CHARACTERS: Mapping[str, int] = {"title": 120, "description": 600, "text": 600, "notes": 4_000, "address": 9_000}
PATHS = tuple(dict.fromkeys(point.page for point in POINTS.values()))  # of pages that a step can be on
FIRST = "the first page (“”)"
IN_LINKS = {*map(name_of, KEYS), *(name_of(key) + PACKED for key in LONG)}

Query = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to show: `point` is the part of the page that is framed, `address` the page with what is chosen on it.

    `notes` are for the speaker alone. `finding` is the name of what says the numbers ("" for none).
    """

    title: str
    text: str
    point: str
    notes: str
    address: str
    finding: str = ""

    @property
    def page(self) -> str:
        """The path of the page."""
        return self.address.partition("?")[0]

    @property
    def query(self) -> Query:
        """What is chosen on the page, as in its address."""
        return parse_qs(self.address.partition("?")[2], keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Walkthrough:
    """A talk: its title, what it is about, and its steps."""

    title: str
    description: str
    steps: tuple[Step, ...]


def checked(walkthrough: Walkthrough) -> Walkthrough:
    """The walkthrough itself. Raises `AnalysisError`, one sentence that names the step, where something is wrong."""
    _bounded(walkthrough, ("title", "description"), "The walkthrough")
    if not 1 <= len(walkthrough.steps) <= MOST_STEPS:
        raise AnalysisError(
            f"A walkthrough has 1 to {MOST_STEPS} steps, and this one has {len(walkthrough.steps):,}: "
            f"{'leave some out' if walkthrough.steps else 'add one'}."
        )
    for number, step in enumerate(walkthrough.steps, 1):
        _checked_step(step, f"Step {number}")
    return walkthrough


def _checked_step(step: Step, which: str) -> None:
    _bounded(step, ("title", "text", "notes", "address"), which)
    if step.page not in PATHS:
        _refuse(which, "page", step.page, tuple(path or FIRST for path in PATHS))
    for name in _names(step, which):
        if name not in IN_LINKS:
            raise AnalysisError(f"{which} chooses “{shown(name)}” in its address, which no page knows: leave it out.")
    here = points_of(step.page, step.query)
    if step.point not in here:
        _refuse(which, f"point on {step.page or FIRST} as its address opens it", step.point, here)
    if step.finding and step.finding not in FINDINGS:
        _refuse(which, "finding", step.finding, tuple(FINDINGS))


def points_of(page: str, query: Query) -> tuple[str, ...]:
    """The names of all that a step can point at on a page, with the tab open that the query names."""
    return tuple(name for name, row in POINTS.items() if row.page == page and row.tab in ("", open_tab(page, query)))


def open_tab(page: str, query: Query) -> str:
    """The tab that a page opens with: the one named, else its first; "" on a page without tabs."""
    for key in TABS_OF.get(page, ()):
        said = value_of(key, query)
        return said if said in TABS[key] else TABS[key][0]
    return ""


TABS_OF = {
    "attention": ("attention_tab",),
    "similarity": ("similarity_tab",),
    "attributions": ("attribution_tab",),
    "latency": ("latency_tab",),
    "distillation": ("distillation_tab",),
}


def _names(step: Step, which: str) -> list[str]:
    """The names of all that the address chooses; "?a=1&b" is no address."""
    try:
        return list(parse_qs(step.address.partition("?")[2], keep_blank_values=True, max_num_fields=100))
    except ValueError as error:
        raise AnalysisError(f"{which} chooses more than 100 things in its address: leave some out.") from error


def _bounded(value: Walkthrough | Step, names: tuple[str, ...], which: str) -> None:
    """Texts of a bearable length, the title not empty and all of them such as can be written."""
    for name in names:
        text, most = getattr(value, name), MOST_CHARACTERS[name]
        if len(text) > most:
            raise AnalysisError(f"{which} has {len(text):,} characters of {name}; up to {most:,} are read: shorten it.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise AnalysisError(f"{which} has half of a surrogate pair in its {name}: write the {name} again.")
    if not value.title.strip():
        raise AnalysisError(f"{which} has no title: give it one.")


def _refuse(which: str, kind: str, name: str, known: tuple[str, ...]) -> NoReturn:
    there = f"there are {', '.join(known)}" if known else "there is none"
    raise AnalysisError(f"{which} names a {kind} that is not known, “{shown(name)}”; {there}.")
