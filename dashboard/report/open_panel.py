"""A saved finding on a page: chosen as a file, or given to `distillens open`, and shown without computing anything."""

from __future__ import annotations

import hashlib

import streamlit as st

from analysis.inputs.tasks import TASKS
from analysis.settings import settings
from dashboard.named_files import content_of
from dashboard.report.finding import Figure, Section
from dashboard.report.save_button import OPEN
from dashboard.report.saved_finding import MOST_BYTES, SavedFinding, read_finding
from dashboard.start.opening import link_to
from dashboard.ui import layout, markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import NAMES

ABOUT = "Choose a finding.zip that somebody saved: its numbers are shown as they are, nothing is computed."
OPENED = "finding opened"  # in the session
ASK = "Ask the embedded pair here"


def open_panel() -> None:
    """The page's name, what takes a file, and the finding in it."""
    st.html(layout.title(OPEN))
    file = st.file_uploader(ABOUT, type=["zip"], max_upload_size=MOST_BYTES // 1_000_000, key="finding_file")
    given = settings().finding
    if file:
        saved_finding(_read_once(file.getvalue()))
    elif given:
        saved_finding(_read_once(content_of(given, MOST_BYTES)))


def saved_finding(saved: SavedFinding) -> None:
    """What was measured there, a tab per section."""
    st.html(markup.note(saved.where_and_when))
    st.html(markup.element("p", "dl-finding", markup.escaped(saved.headline)))
    for label, text in zip(TASKS[saved.example.task].fields, saved.example.texts, strict=False):
        st.html(f"{markup.escaped(label)}: {markup.element('span', 'dl-text', markup.escaped(text))}")
    with st.container(horizontal=True):
        for side, answer in saved.answers.items():
            st.html(_answer(side, answer))
    link_to("predictions", ASK, saved.example)
    names = [section.title for section in saved.sections]
    for tab, section in zip(st.tabs(names, key="finding_tab", on_change="rerun"), saved.sections, strict=True):
        if tab.open:
            with tab:
                _section(section)
    st.html(markup.element("div", "dl-small", markup.escaped(_origin(saved))))


def _answer(side: str, answer: str) -> str:
    name = markup.element("span", "dl-who", markup.escaped(NAMES[side]))
    return markup.element("p", f"dl-said dl-{side}", name, markup.element("b", "dl-answer", markup.escaped(answer)))


def _section(section: Section) -> None:
    if section.problem:
        st.html(markup.note(f"Not in this finding: {section.problem}"))
        return
    st.html(markup.element("p", "dl-finding", markup.escaped(section.finding)))
    beside = [figure for figure in section.figures if not figure.wide]
    columns = st.columns(len(beside)) if beside else []
    for figure, place in zip(section.figures, columns or [st.container() for _ in section.figures], strict=True):
        with place:
            _figure(figure)
    for table in section.tables:
        st.html(markup.element("div", "dl-name", markup.escaped(table.title)))
        st.dataframe(table.columns, hide_index=True, width="stretch", key=f"finding table {table.name}")
    if section.reading:
        with st.expander("How to read this"):
            st.html(markup.element("div", "dl-small", markup.escaped(section.reading)))


def _figure(figure: Figure) -> None:
    st.html(markup.element("div", "dl-name", markup.escaped(figure.title)))
    chart(figure.figure, f"finding {figure.name}")
    numbers("Data table", f"finding {figure.name}", lambda: figure.table.columns)


def _origin(saved: SavedFinding) -> str:
    """The checkpoints and the versions that made it."""
    models = "; ".join(f"{side}: {which}" for side, which in saved.checkpoints)
    return f"{models} · {', '.join(f'{name} {version}' for name, version in saved.versions)}"


def _read_once(content: bytes) -> SavedFinding:
    """The finding in the file; read anew only where it is another one."""
    identity = hashlib.sha256(content).hexdigest()
    known, saved = st.session_state.get(OPENED, ("", None))
    if known != identity:
        saved = read_finding(content)
        st.session_state[OPENED] = identity, saved
    opened: SavedFinding = saved
    return opened
