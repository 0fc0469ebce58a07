"""The speaker's notes: a link to them in presenter mode, and the page that follows the talk."""

from __future__ import annotations

import streamlit as st

from cache.talks import Cue, last_cue
from dashboard import address
from dashboard.share import Shared, copy_control
from dashboard.ui import layout, markup

ROOM = "room"  # in the address
EVERY_S = 1.0
OPEN = "Open the notes in another window"
ABOUT = "The notes follow the talk. For the telephone, send it this link:"
NOBODY = "Nobody presents here now: open the notes anew from the talk."
STYLE = """<style>
.stMain h2.dl-notes-title { font-size: 1.75rem; line-height: 1.2; padding: 0; margin: 0.5rem 0; }
.dl-notes { font-size: 1.5rem; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; }
</style>"""
NO_NOTES = "This step has no notes."


def link(room: str) -> None:
    """The way to the notes, for a second window and for another device."""
    popover = st.popover("Notes", icon=":material/notes:", key="stage_notes", on_change="rerun")
    if popover.open:
        there = f"{(st.context.url or '').rpartition('/')[0]}/notes?{ROOM}={room}"
        with popover:
            st.link_button(OPEN, there)
            st.caption(ABOUT)
            copy_control(Shared(there), "notes_link")


def notes_panel() -> None:
    """The page with the notes of the room that the address names."""
    st.html(STYLE + layout.title("Notes"))
    _following(address.query().get(ROOM, [""])[-1])


@st.fragment(run_every=EVERY_S)
def _following(room: str) -> None:
    cue = last_cue(room)
    st.html(_html(cue) if cue else markup.note(NOBODY))


def _html(cue: Cue) -> str:
    following = f"Next: {cue.following}" if cue.following else "This is the last step."
    return "".join(
        (
            markup.element("p", "dl-small", markup.escaped(f"{cue.talk} · {cue.number} of {cue.count}")),
            markup.element("h2", "dl-notes-title", markup.escaped(cue.title)),
            markup.element("p", "dl-notes", markup.escaped(cue.notes or NO_NOTES)),
            markup.element("p", "dl-small", markup.escaped(following)),
        )
    )
