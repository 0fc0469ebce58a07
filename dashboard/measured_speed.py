"""Both models' speed, for the pages that judge it: a button, and the measurement that all of them share."""

from __future__ import annotations

from typing import cast

import streamlit as st

from analysis.claims.evidence import Speed
from analysis.latency.measure import now
from cache import claims as remembered
from cache import measurements
from dashboard.frame import Question
from dashboard.latency.wording import elsewhere
from dashboard.measurements import keep, kept, labelled, show
from dashboard.ui import markup
from dashboard.ui.progress import progress_bar

BETWEEN_S = 0.5  # between updates of the bar: more frequent ones would disturb the measurement
MEASURE = "Measure the speed"
WAITS = "Measuring speed takes up to a minute. Close other programs first."
HOW_MEASURED = (
    "Both models read texts of 32 tokens in interleaved rounds, first with 32-bit floats, then with 8-bit integers."
)


def measured_speed(question: Question) -> Speed | None:
    """A button that measures both models' speed; the last measurement of this session or link, or the shipped one."""
    asked = measurements.asked("speed", question.sides, question.example.task)
    if st.button(labelled(MEASURE, [kept(asked)]), key=f"start {MEASURE}"):
        started = now()
        with progress_bar("Measuring the speed of both models, in interleaved rounds …", BETWEEN_S) as progress:
            progress(0.0)  # loading and warming up come first
            latest = remembered.speed(question.sides, question.example.task, progress)
        keep(asked, latest, started)
        st.rerun()
    found = show(asked)
    return cast(Speed, found[0].measured.value) if found else _shipped_speed(question)


def _shipped_speed(question: Question) -> Speed | None:
    """The speed that ships with the pair, after a sentence that says where it was measured; None if there is none."""
    shipped = remembered.shipped_speed(question.sides, question.example.task)
    if shipped is None:
        return None
    st.html(markup.note(elsewhere(shipped.machine, shipped.started, MEASURE)))
    return shipped.speed
