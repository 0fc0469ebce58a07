"""What a reader has chosen, as the address has it, for what is made without the widgets that it was chosen with.

chosen(request.choices, METHOD)  # "Occlusion" where the address says method=occlusion
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from analysis.attention.view import Head, View
from analysis.errors import AnalysisError
from analysis.wording import shown
from dashboard.address import Choice
from dashboard.address_keys import RENAMED, name_of, slug
from dashboard.attention.controls import ADDED, ORDER, OVER

T = TypeVar("T")

Choices = Mapping[str, str]

# The choices that a finding follows, by the keys of the session.
FOLLOWED = (
    *("word", "unit", "added", "order", "teacher_head", "student_head", "matched_on", "matched_with"),
    *("on", "lines", "granularity", "special", "measure"),
    *("method", "baseline", "erased", "graded"),
    *("target", "target_mask", "target_piece", "target_type", "target_from", "target_to", "answer_part"),
    *("rather", "rather_piece"),
)


def followed(values: Mapping[str, str]) -> dict[str, str]:
    """Those of all choices that a finding follows."""
    return {key: values[key] for key in FOLLOWED if key in values}


def typed(choices: Iterable[str]) -> dict[str, str]:
    """Choices as they are typed, "teacher-head=3.7", by the keys of the session."""
    names, values = {name_of(key): key for key in FOLLOWED}, {}
    for choice in choices:
        name, equals, value = choice.partition("=")
        if name not in names or not equals:
            raise AnalysisError(f"“{shown(choice)}” is no choice: write name=value, with one of {', '.join(names)}.")
        values[names[name]] = value
    return values


def chosen(choices: Choices, choice: Choice[T]) -> T:
    """The option that is chosen, or the first one."""
    key = choice.key
    if key not in choices:
        return choice.first
    names = {name(option): option for name in (slug, str, choice.named) for option in choice.options}
    written = RENAMED.get(key, {}).get(slug(choices[key]), choices[key])
    for name in (written, slug(written)):
        if name in names:
            return names[name]
    raise _unknown(choices, key, names)


def flag(choices: Choices, key: str) -> bool:
    """Whether something is switched on."""
    return choices.get(key) == "true"


def number(choices: Choices, key: str, default: int, most: int) -> int:
    """A number from 1 to `most`."""
    return int(chosen(choices, Choice([str(each) for each in range(1, most + 1)], key, str(default))))


def head(choices: Choices, side: str, shape: tuple[int, ...], default: Head) -> Head:
    """The head of a side that is looked at; `shape` is (layers, heads)."""
    layers, heads = shape[:2]
    names = {f"{layer + 1}.{place + 1}": (layer, place) for layer in range(layers) for place in range(heads)}
    return names[chosen(choices, Choice(names, f"{side}_head", f"{default[0] + 1}.{default[1] + 1}"))]


def view(choices: Choices) -> View:
    """How attention is looked at."""
    return View(chosen(choices, OVER), chosen(choices, ADDED), chosen(choices, ORDER))


def _unknown(choices: Choices, key: str, names: Iterable[str]) -> AnalysisError:
    known = ", ".join(list(dict.fromkeys(map(slug, names)))[:20])
    return AnalysisError(f"There is no {name_of(key)} called “{shown(choices[key])}”; there are {known}.")
