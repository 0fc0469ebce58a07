"""The reader's own walkthrough: worded, put in order, presented, and handed on as a file or a link."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from dashboard.frame import problems_shown
from dashboard.page_list import PAGES
from dashboard.present.add_view import ADD
from dashboard.present.findings import FINDINGS
from dashboard.present.handing_on import from_link, share_popover
from dashboard.present.library import keep_own, name_to_present, own
from dashboard.present.points import POINTS
from dashboard.present.talk import begin
from dashboard.present.walkthrough import MOST_CHARACTERS, Step, Walkthrough, checked, points_of
from dashboard.present.walkthrough_file import MOST_BYTES, read_walkthrough, written
from dashboard.ui import markup

HEADING = "My walkthrough"
HOW = f"“{ADD}”, on top of every page, adds a step. Here you word the steps and put them in order."
UPLOAD = "Open a walkthrough from a TOML file, in place of this one"
NO_FINDING = "no numbers"
READ, REVISION = "walkthrough read", "revision of walkthrough"  # in the session
FIELDS: Mapping[str, str] = {"title": "Title", "text": "What you say, in two sentences", "notes": "Notes for you alone"}


def own_walkthrough() -> None:
    """All of it."""
    st.subheader(HEADING)
    st.caption(HOW)
    with problems_shown():
        _opened()
    if own().steps:
        _worded()
        for place in range(len(own().steps)):
            _step(place)
        with problems_shown():
            _handed_on(checked(own()))


def _opened() -> None:
    """Takes the walkthrough of a link or a file, once each."""
    linked = from_link()
    if linked is not None:
        _take_once(linked.encode("utf-8", "surrogatepass"))
    file = st.file_uploader(UPLOAD, type=["toml"], max_upload_size=1, key="walkthrough_file")
    if file:
        _take_once(file.getvalue()[: MOST_BYTES + 1])


def _take_once(content: bytes) -> None:
    """Makes a file's the reader's; what is changed afterwards stays."""
    identity = hashlib.sha256(content).hexdigest()
    known: set[str] = st.session_state.setdefault(READ, set())
    if identity not in known:
        _keep_anew(read_walkthrough(content))
        known.add(identity)


def _worded() -> None:
    walkthrough, asked = own(), _revision()
    title = st.text_input("Title of the walkthrough", walkthrough.title, MOST_CHARACTERS["title"], f"title {asked}")
    description = st.text_input(
        "What it is about", walkthrough.description, MOST_CHARACTERS["description"], f"description {asked}"
    )
    keep_own(replace(walkthrough, title=title, description=description))


def _step(place: int) -> None:
    """One step, folded; unfolded it can be worded, moved and removed."""
    step, key = own().steps[place], f"step {_revision()} {place}"
    page = next(entry.title for entry in PAGES if entry.path == step.page)
    st.html(markup.element("p", "dl-finding", markup.escaped(f"{place + 1}. {step.title}")))
    folded = st.expander(f"Change step {place + 1}, on the page {page}", key=key, on_change="rerun")
    if not folded.open:
        return
    with folded:
        texts = {name: _field(step, name, key) for name in FIELDS}
        points = points_of(step.page, step.query)
        point = st.selectbox(
            "Part of the page that is shown",
            points,
            points.index(step.point),
            format_func=lambda name: POINTS[name].title,
            key=f"{key} point",
        )
        finding = st.selectbox(
            "Sentence with numbers, computed when it is shown",
            ("", *FINDINGS),
            ("", *FINDINGS).index(step.finding),
            format_func=lambda name: name.replace("-", " ") or NO_FINDING,
            key=f"{key} finding",
        )
        _replace(place, replace(step, **texts, point=point, finding=finding))
        _moves(place, key)


def _field(step: Step, name: str, key: str) -> str:
    widget = st.text_input if name == "title" else st.text_area
    return widget(FIELDS[name], getattr(step, name), max_chars=MOST_CHARACTERS[name], key=f"{key} {name}") or ""


def _moves(place: int, key: str) -> None:
    last = len(own().steps) - 1
    with st.container(horizontal=True):
        st.button("Move up", key=f"{key} up", on_click=_swap, args=(place, place - 1), disabled=place == 0)
        st.button("Move down", key=f"{key} down", on_click=_swap, args=(place, place + 1), disabled=place == last)
        st.button("Remove", key=f"{key} remove", on_click=_remove, args=(place,))


def _handed_on(walkthrough: Walkthrough) -> None:
    """What can be done with one that has no fault."""
    with st.container(horizontal=True):
        if st.button("Present", type="primary", icon=":material/slideshow:", key="present_own"):
            begin(name_to_present(walkthrough), walkthrough)
        st.download_button(
            "Download as TOML",
            written(walkthrough),
            "walkthrough.toml",
            "application/toml",
            key="walkthrough_toml",
            on_click="ignore",
        )
        share_popover(walkthrough)


def _replace(place: int, step: Step) -> None:
    steps = own().steps
    keep_own(replace(own(), steps=(*steps[:place], step, *steps[place + 1 :])))


def _swap(place: int, other: int) -> None:
    steps = list(own().steps)
    steps[place], steps[other] = steps[other], steps[place]
    _keep_anew(replace(own(), steps=tuple(steps)))


def _remove(place: int) -> None:
    steps = own().steps
    _keep_anew(replace(own(), steps=(*steps[:place], *steps[place + 1 :])))


def _keep_anew(walkthrough: Walkthrough) -> None:
    """With other fields than before, which would still say what stood there."""
    keep_own(walkthrough)
    st.session_state[REVISION] = _revision() + 1


def _revision() -> int:
    revision: int = st.session_state.get(REVISION, 0)
    return revision
