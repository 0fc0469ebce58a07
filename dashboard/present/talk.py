"""The talk that the address names, and the way through it: `?present=is-it-really-60-faster&step=2`."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard import address
from dashboard.address_keys import PRESENT, STEP
from dashboard.page_list import FOLDER, PAGES
from dashboard.present.library import walkthrough_named
from dashboard.present.walkthrough import Query, Step, Walkthrough

ICON = ":material/slideshow:"
PLACE = "place in a talk"  # in the session: the step that its page was opened for


@dataclass(frozen=True, slots=True)
class Talk:
    """A walkthrough by its name, and the `number` of the step that is shown, from 1."""

    name: str
    walkthrough: Walkthrough
    number: int

    @property
    def step(self) -> Step:
        return self.walkthrough.steps[self.number - 1]

    @property
    def count(self) -> int:
        return len(self.walkthrough.steps)

    @property
    def following(self) -> Step | None:
        """The next step, if there is one."""
        return self.walkthrough.steps[self.number] if self.number < self.count else None

    @property
    def query(self) -> Query:
        """The query of the step's page within the talk."""
        return self.step.query | {PRESENT: [self.name], STEP: [str(self.number)]}


def current_talk() -> Talk | None:
    """The talk that the address names, at a step that it has. Raises `AnalysisError` if there is no such talk."""
    query = address.query()
    if PRESENT not in query:
        return None
    name, number = query[PRESENT][-1], query.get(STEP, [""])[-1]
    walkthrough = walkthrough_named(name)
    return Talk(name, walkthrough, _number(number, len(walkthrough.steps)))


def arrive(talk: Talk, path: str) -> None:
    """Goes to the page of the step, if this is the first run for it and another view is open; `path` is the page's.

    What is chosen on the page afterwards stays: the speaker may click.
    """
    place = (talk.name, talk.number)
    if st.session_state.get(PLACE) != place:
        st.session_state[PLACE] = place
        if path != talk.step.page or address.query() != talk.query:
            _open(talk.step, talk.query)


def go(talk: Talk, number: int) -> None:
    """Goes to another step, as far as there are any."""
    there = Talk(talk.name, talk.walkthrough, min(max(number, 1), talk.count))
    if there.number != talk.number:
        st.session_state[PLACE] = (there.name, there.number)
        _open(there.step, there.query)


def begin(name: str, walkthrough: Walkthrough) -> None:
    """Goes to the first step."""
    talk = Talk(name, walkthrough, 1)
    _open(talk.step, talk.query)


def link_to_talk(name: str, walkthrough: Walkthrough, label: str) -> None:
    """A link to the first step."""
    talk = Talk(name, walkthrough, 1)
    st.page_link(script_of_step(talk.step), label=label, icon=ICON, query_params=pairs(talk.query))


def leave(talk: Talk) -> None:
    """Ends the talk: the page of the step stays open, with all that it has."""
    st.session_state.pop(PLACE, None)
    _open(talk.step, talk.step.query)


def script_of_step(step: Step) -> str:
    """The script of the page that a step is on."""
    return str(FOLDER / next(entry.script for entry in PAGES if entry.path == step.page))


def pairs(query: Query) -> list[tuple[str, str]]:
    """A query as Streamlit takes it."""
    return [(name, value) for name, values in query.items() for value in values]


def _open(step: Step, query: Query) -> None:
    st.switch_page(script_of_step(step), query_params=pairs(query))


def _number(said: str, most: int) -> int:
    """The step that an address says, or the nearest that there is."""
    return min(max(int(said), 1), most) if said.isascii() and said.isdigit() and len(said) < 9 else 1
