"""What is chosen for a finding that is to be saved, the progress of making it, and the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import streamlit as st

from analysis.attribution.unit_scores import part_of
from analysis.claims.evidence import Speed
from analysis.latency.profile import LatencyProfile
from analysis.progress import Progress
from analysis.settings import settings
from cache import measurements as stored
from cache.keys import content_key
from cache.turns import turn, waiting_announced
from dashboard.frame import Question, problems_shown, shows_place
from dashboard.measurements import latest
from dashboard.report.choices import Choices, followed
from dashboard.report.files import archive, files_of
from dashboard.report.finding import FindingRequest
from dashboard.report.pictures import pictures
from dashboard.report.sections import SECTIONS, make_finding
from dashboard.ui import markup
from dashboard.ui.progress import progress_bar

MAKE, CANCEL = "Make the report", "Cancel"
ABOUT = "One file to open anywhere without a network, with tables, all numbers, and a script that makes them again."
START, MADE, HOLDS = "make finding", "finding made", "finding holds"  # in the session
COMPUTED, DRAWN = 0.4, 0.9  # of the time, once all is computed, and once the figures are drawn


@dataclass(frozen=True, slots=True)
class Made:
    """A finding that was made: the key of what was asked, and its zip file."""

    key: str
    zipped: bytes


def save_panel(question: Question, choices: Choices, link: str) -> None:
    """What is to be in the report, and the button that makes it.

    `choices` are as the address has them, `link` leads back to the page. It is no fragment: what is pressed in one does
    not end its run.
    """
    st.caption(ABOUT)
    titles = {key: row.title for key, row in SECTIONS.items()}
    holds = st.pills(
        "What it holds", titles, selection_mode="multi", default=list(titles), format_func=titles.__getitem__, key=HOLDS
    )
    request = _request(question, followed(choices), tuple(key for key in titles if key in holds))
    key, runs = content_key(request, link), bool(st.session_state.get(START))  # true only in the run that it causes
    with st.container(horizontal=True):
        st.button(MAKE, key=START, type="primary", disabled=runs or not holds)
        if runs:
            st.button(CANCEL, key="cancel finding")  # whatever is pressed meanwhile ends it at the next step
    if runs:
        place = st.empty()
        with problems_shown(), waiting_announced(shows_place(place)), progress_bar("Making the report …") as progress:
            progress(0.0)
            st.session_state[MADE] = Made(key, zipped(request, link, progress))
            st.rerun()
    made: Made | None = st.session_state.get(MADE)
    if made and made.key == key:
        label = f"Download finding.zip ({len(made.zipped) / 1e6:.1f} MB)"
        st.download_button(label, made.zipped, "finding.zip", "application/zip", key="finding file", on_click="ignore")
    elif made:
        st.html(markup.note("The report that was made before is of something else: make it again."))


def zipped(request: FindingRequest, link: str, progress: Progress) -> bytes:
    """The finding as a zip file; a server for strangers starts no browser for its figures."""
    finding = make_finding(request, link, part_of(progress, 0.0, COMPUTED))
    drawn = {} if settings().hosted else pictures(finding.figures, part_of(progress, COMPUTED, DRAWN))
    progress(DRAWN)
    with turn("report"):
        return archive(files_of(finding, drawn))


def _request(question: Question, choices: Choices, sections: tuple[str, ...]) -> FindingRequest:
    """With the times that were measured in this session, or came with its link."""
    sides, example = question.sides, question.example
    text = latest(stored.asked("text", sides, example.task, texts=example.texts))
    speed = latest(stored.asked("speed", sides, example.task))
    return FindingRequest(
        question,
        choices,
        sections,
        profile=cast("LatencyProfile | None", text and text.measured.value),
        speed=cast("Speed | None", speed and speed.measured.value),
    )
