"""Every colour and legend, once: for figures by name, and for the page's own HTML as variables of CSS.

Each model has one colour everywhere: blue and vermilion, told apart by all common kinds of colour blindness. Colours of
marks reach a contrast of 3 : 1 on the light and on the dark ground (WCAG 2.2, 1.4.11).
"""

from __future__ import annotations

from typing import Any

from analysis.models.families import FAMILIES
from analysis.models.pairs import Checkpoint, Sides

SHORT = Sides("Teacher", "Student")
NAMES = Sides("Teacher", "Student")  # either may be a BERT: see `names_of`
OF_PUBLISHED = Sides("Teacher (BERT)", "Student (DistilBERT)")

COLOURS = Sides("#2F7FC1", "#D9661F")
GREEN, PURPLE = "#00916A", "#B0569A"
SUPPORTS, OPPOSES = GREEN, PURPLE  # of a target, apart from the models' own colours
OCHRE, VIOLET, TEAL, AMBER = "#B08A00", "#7A6FD0", "#1F97A5", "#B7791F"
RED, GREY, SLATE = "#D0473C", "#8A8F98", "#575D6D"
WHITE, BLACK, CLEAR = "#FFFFFF", "#1A1A1A", "rgba(0,0,0,0)"
SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", GREY, GREEN)  # Okabe & Ito 2008, and two


def names_of(sides: Sides[Checkpoint]) -> Sides[str]:
    """The names, with the architecture of each side where its pair says which it is."""
    titles = sides.map(lambda checkpoint: FAMILIES[checkpoint.architecture].title if checkpoint.architecture else "")
    return Sides(*(f"{name} ({title})" if title else name for name, title in zip(NAMES, titles, strict=True)))


def through_nothing(low: str, high: str) -> list[list[Any]]:
    """A colour scale from `low` to `high` whose middle is clear: the page's ground shows there, in either theme."""
    return [[0.0, low], [0.5, _clear(low)], [0.5, _clear(high)], [1.0, high]]


def _clear(colour: str) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red},{green},{blue},0)"


MARGIN: dict[str, Any] = {"l": 8, "r": 8, "t": 8, "b": 8}  # pixels
# Along the plot's upper edge, and along the figure's, where a plot has titles of its own; each with room for it.
LEGEND: dict[str, Any] = {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"}
LEGEND_ON_TOP: dict[str, Any] = LEGEND | {"yref": "container", "yanchor": "top"}
WITH_LEGEND: dict[str, Any] = {"margin": MARGIN | {"t": 36}, "legend": LEGEND}
WITH_LEGEND_ON_TOP: dict[str, Any] = {"margin": MARGIN | {"t": 44}, "legend": LEGEND_ON_TOP}

VARIABLES = {
    "teacher": COLOURS.teacher,
    "student": COLOURS.student,
    "supports": SUPPORTS,
    "opposes": OPPOSES,
    "amber": AMBER,
    "red": RED,
    "grey": GREY,
    "ground": "light-dark(#FFFFFF, #14171B)",  # the theme's, which outside of components no variable of its own has
}
CSS = f":root {{ {' '.join(f'--dl-{name}: {colour};' for name, colour in VARIABLES.items())} }}"
