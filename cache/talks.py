"""Where a talk is: what the speaker's notes, in another window or on a telephone, show of it.

    room = new_room()
    tell(room, Cue("Is it faster?", "Half the layers", "Pause here.", "What it costs", 2, 7))
    last_cue(room)

A talk is given now: its cue is in this process alone, or where several share a Redis server, there too, for a day.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

import streamlit as st

from analysis.settings import settings
from cache.codec import CorruptResult, decode, encode
from cache.store import ResultStore, open_store

MOST_ROOMS = 500  # the ones told last
ROOM_BYTES = 1 << 20


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
    if shared := _shared():
        shared.put(room, encode(cue))


def last_cue(room: str) -> Cue | None:
    """What was told last, None where nobody presents."""
    shared = _shared()
    data = shared.get(room) if shared else None
    try:
        return _rooms().last_cue(room) if data is None else decode(Cue, data)
    except CorruptResult:  # a store may hold anything
        return None


@st.cache_resource(show_spinner=False)
def _shared() -> ResultStore | None:
    """Where servers that work side by side tell one another: the telephone may have reached another one."""
    chosen = settings()
    return open_store(chosen.cache_url, chosen.folder, ROOM_BYTES, "talks", days=1) if chosen.cache_url else None


@st.cache_resource(show_spinner=False)
def _rooms() -> Rooms:
    return Rooms()
