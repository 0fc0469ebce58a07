"""Presenter mode: the step's words, the part of the page that it points at, and nothing else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache import talks
from dashboard.frame import problems_shown
from dashboard.present import speaker_notes
from dashboard.present.ahead import prepare
from dashboard.present.asked import finding_of
from dashboard.present.points import POINTS
from dashboard.present.stage_style import style
from dashboard.present.talk import Talk, go, leave
from dashboard.ui import markup

BACK, NEXT, LEAVE = "Step back", "Next step", "Leave the talk"
BUTTONS = {"back": ".st-key-step_back", "next": ".st-key-step_next", "leave": ".st-key-leave"}  # of `stage.js`
ROOM = "room of the talk"  # in the session

_keys = st.components.v2.component(
    "dl_stage", js=Path(__file__).with_name("stage.js").read_text(encoding="utf-8"), isolate_styles=False
)


def stage(talk: Talk) -> DeltaGenerator:
    """Draws all that is not of the page; returns the place of what the step says in numbers (`say_finding`)."""
    point = POINTS[talk.step.point]
    st.html(style(point))
    with st.container(key="stage", gap=None):
        _bar(talk)
        st.html(_words(talk))
        finding = st.empty()
    _keys(key="stage_keys", data={"point": point.selector, **BUTTONS}, height=1)
    talks.tell(_room(), _cue(talk))
    return finding


def say_finding(talk: Talk, place: DeltaGenerator) -> None:
    """What the step says in numbers; after its page, which has computed most of what that takes."""
    with place, problems_shown():
        if sentence := finding_of(talk.step):
            st.html(markup.element("p", "dl-stage-finding", markup.escaped(sentence)))


def prepare_next(talk: Talk) -> None:
    """Has the next step computed; in between the reader may go on, which ends it."""
    if talk.following is None:
        return
    place = st.empty()

    def let_go_on(share: float) -> None:
        place.empty()  # at every word to the browser a run ends that another is to follow

    prepare(talk.following, let_go_on)


def _words(talk: Talk) -> str:
    title = markup.element("h1", "dl-stage-title", markup.escaped(talk.step.title))
    return title + markup.element("p", "dl-stage-text", markup.escaped(talk.step.text))


def _bar(talk: Talk) -> None:
    """How far the talk is, and what the keys do, for the mouse and the finger."""
    with st.container(key="stage_bar", horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(BACK, icon=":material/arrow_back:", key="step_back", disabled=talk.number == 1):
            go(talk, talk.number - 1)
        st.html(_progress(talk))
        if st.button(NEXT, icon=":material/arrow_forward:", key="step_next", disabled=talk.following is None):
            go(talk, talk.number + 1)
        speaker_notes.link(_room())
        if st.button(LEAVE, icon=":material/close:", key="leave"):
            leave(talk)


def _progress(talk: Talk) -> str:
    share = f"{100 * talk.number / talk.count:.0f}%"
    line = f'<div class="dl-line-of-talk"><div style="width: {share}"></div></div>'
    return line + markup.element("span", "dl-place", f"{talk.number} of {talk.count}")


def _room() -> str:
    room: str = st.session_state.setdefault(ROOM, talks.new_room())
    return room


def _cue(talk: Talk) -> talks.Cue:
    following = talk.following.title if talk.following else ""
    return talks.Cue(talk.walkthrough.title, talk.step.title, talk.step.notes, following, talk.number, talk.count)
