"""What was measured in this session, or came with the link that opened it; the ids of what is shown are in the address.

keep(asked, profile)  # in the session, at every step of measuring
show(asked)           # the profile, if there is one: it is then in the store, and its id in the address
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from cache import measurements as stored
from cache.measurements import Asked, Measured, Value
from dashboard import address
from dashboard.ui import markup

KEPT = "measurements"  # in the session
RUNS = "runs"  # in the session and in the address: the ids of what is shown
MOST = 20  # ids in an address
MOST_KEPT = 50  # measurements in a session, of some kilobytes each
GONE = "A measurement of this link is not kept here (any more): measure again."


@dataclass(frozen=True, slots=True)
class Kept:
    """A measurement of this session. `identity` is None until it is in the store; `linked` if it came with a link."""

    measured: Measured
    identity: str | None = None
    linked: bool = False


def keep(asked: Asked, value: Value, started: str = "") -> None:
    """Keeps what was measured in the session, in place of an earlier measurement, and the last `MOST_KEPT` of all.

    `started` where the value does not say when.
    """
    everything = _all()
    everything.pop(asked, None)
    everything[asked] = Kept(stored.measured(asked, value, started))
    for oldest in list(everything)[:-MOST_KEPT]:
        del everything[oldest]


def kept(asked: Asked) -> Kept | None:
    """The measurement of what is asked: the last one of this session, or the one that the link leads to."""
    _shown()  # opens the link
    return _all().get(asked)


def latest(like: Asked) -> Kept | None:
    """The last measurement of the same kind, models and texts, whatever its configuration; None if there is none."""
    _shown()  # opens the link
    same = [one for asked, one in _all().items() if replace(asked, config=like.config) == like]
    return same[-1] if same else None


def show(*asked: Asked) -> list[Kept]:
    """What there is of what is asked, with a line on machine and date; ready to be found through the address."""
    found = [_in_store(one) for one in asked if kept(one)]
    _put_in_address([one.place for one in asked], [one.identity for one in found if one.identity])
    for line in dict.fromkeys(where_and_when(one.measured) for one in found):
        st.html(markup.element("div", "dl-small", markup.escaped(line)))
    return found


def where_and_when(measured: Measured) -> str:
    """ "Measured on AMD EPYC 7B13, 2 cores, 27 November 2026."."""
    machine, day = measured.machine, datetime.fromisoformat(measured.started)
    gpu = f", {machine.accelerator}" if machine.accelerator else ""
    cores = "1 core" if machine.cores == 1 else f"{machine.cores} cores"
    return f"Measured on {machine.processor}, {cores}{gpu}, {day.day} {day:%B %Y}."


def labelled(label: str, found: Sequence[Kept | None]) -> str:
    """What the button says: measure, measure again, or measure here what was measured elsewhere."""
    there = [one for one in found if one]
    if not there:
        return label
    return f"{label} here" if all(one.linked for one in there) else f"{label} again"


def about_links() -> list[str]:
    """A sentence on what a link does with the measurements that are shown; none if none is."""
    lost = any(one.identity is None for one in _all().values())
    return [
        *(
            [f"Measured times are kept on this server {stored.how_long()}; after that, the link asks to measure anew."]
            if address.says(RUNS)
            else []
        ),
        *(["Not in the link: measured times, for which this server's store has no room."] if lost else []),
    ]


def _all() -> dict[Asked, Kept]:
    found: dict[Asked, Kept] = st.session_state.setdefault(KEPT, {})
    return found


def _in_store(asked: Asked) -> Kept:
    """The measurement, put into the store where it is not there yet: once, and not at every step of measuring."""
    one = _all()[asked]
    if one.identity is None:
        one = replace(one, identity=stored.keep(one.measured))
        _all()[asked] = one
    return one


def _shown() -> tuple[str, ...]:
    """The ids in the address; where it is a new one, what they lead to is in the session from now on."""
    opens = RUNS not in st.session_state
    address.keep(RUNS, (), IDS, title=lambda _: "no measurement")
    ids: tuple[str, ...] = st.session_state[RUNS]
    known = {one.identity for one in _all().values()}
    for identity in ids if opens else ():
        if identity in known:
            continue
        if found := stored.recall(identity):
            _all()[found.asked] = Kept(found, identity, linked=True)
        else:
            address.tell(GONE)
    return ids


def _put_in_address(places: Sequence[tuple[str, str]], new: list[str]) -> None:
    """Puts the ids of what is shown in these places into the address, in place of those that were.

    Ids that lead nowhere stay until something is measured, as does the sentence about them.
    """
    ids = _shown()
    place_of = {one.identity: asked.place for asked, one in _all().items()}
    added = set(new) - set(ids)
    others = [one for one in ids if place_of.get(one) not in places and not (added and one not in place_of)]
    # sorted: the same measurements are always the same address, and no step of the browser's history
    st.session_state[RUNS] = tuple(sorted([*others[: MOST - len(new)], *new]))


def _read(written: str) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(filter(None, written.split(","))))
    if len(ids) > MOST:
        raise ValueError(f"more than {MOST} ids")
    return ids


IDS: address.Codec[tuple[str, ...]] = address.Codec(_read, ",".join)
