"""Where a talk is: what the speaker's notes, in another window or on a telephone, show of it.

    room = new_room()
    tell(room, Cue("Is it faster?", "Half the layers", "Pause here.", "What it costs", 2, 7))
    last_cue(room)

It is of one process and lasts as long as that: a talk is given now, and nothing of it is kept.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

import streamlit as st

MOST_ROOMS = 500  # the ones told last


@dataclass(frozen=True, slots=True)
class Cue:
    """The step that is shown now, `number` of `count`, with its notes, and the title of the next ("" at the end)."""

    talk: str
    title: str
    notes: str
    following: str
    number: int
    count: int


class Rooms:
    """The last cue of each room, for as many rooms as there is space for."""

    def __init__(self) -> None:
        self._cues: OrderedDict[str, Cue] = OrderedDict()
        self._lock = threading.Lock()

    def tell(self, room: str, cue: Cue) -> None:
        with self._lock:
            self._cues[room] = cue
            self._cues.move_to_end(room)
            while len(self._cues) > MOST_ROOMS:
                self._cues.popitem(last=False)

    def last_cue(self, room: str) -> Cue | None:
        with self._lock:
            return self._cues.get(room)


def new_room() -> str:
    """A name that nobody guesses."""
    return secrets.token_urlsafe(12)


def tell(room: str, cue: Cue) -> None:
    """Shows the cue in all windows that follow this room."""
    _rooms().tell(room, cue)


def last_cue(room: str) -> Cue | None:
    """What was told last, None where nobody presents."""
    return _rooms().last_cue(room)


@st.cache_resource(show_spinner=False)
def _rooms() -> Rooms:
    return Rooms()
