"""The entrypoint: navigation, the bench with the text and both answers, the page, the footer.

A page finds what is asked by `frame.current_question()`.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from cache.turns import waiting_announced
from dashboard import address, frame
from dashboard.bench.answer_line import answer_line
from dashboard.bench.history import pinned
from dashboard.bench.question import Bench, ask
from dashboard.bench.shortcuts import shortcuts
from dashboard.framed import tell_address
from dashboard.page_list import FOLDER, PAGES, PageEntry
from dashboard.present.add_view import add_view
from dashboard.present.stage import prepare_next, say_finding, stage
from dashboard.present.talk import Talk, arrive, current_talk
from dashboard.report.save_button import save_finding
from dashboard.serving.warm_up import somebody_there
from dashboard.share import copy_link, link_back, this_view
from dashboard.ui import layout, markup


def main() -> None:
    """Runs once a session and after every change of a widget."""
    with somebody_there():
        draw()


def draw() -> None:
    """All that the reader sees."""
    st.set_page_config("DistilLens", layout="wide")
    st.html(markup.STYLE + layout.STYLE)
    talk = None
    with frame.problems_shown():
        talk = current_talk()
    page, entry = chosen_page("hidden" if talk else "top")
    if talk:
        arrive(talk, entry.path)
    st.set_page_config(f"{talk.step.title if talk else entry.title} · DistilLens")  # the window's
    if entry.bench:
        below_the_bench(page, entry, talk)
    else:
        alone(page, talk)


def alone(page: st.Page, talk: Talk | None) -> None:
    """A page whose address stays without a query but for a talk's, whatever is chosen on the others."""
    said = stage(talk) if talk else None
    with waiting_announced(frame.shows_place(st.empty())), frame.problems_shown():
        page.run()
    tell_address(urlencode(talk.query, doseq=True) if talk else "")
    if talk and said:
        say_finding(talk, said)
        prepare_next(talk)


def below_the_bench(page: st.Page, entry: PageEntry, talk: Talk | None) -> None:
    """A page about the question on the bench, which the address carries; in a talk a part of it is seen."""
    said = stage(talk) if talk else None
    address.begin()
    bench: Bench | None = None
    with frame.problems_shown():
        bench = ask(entry)
    notes, place = st.container(), st.empty()
    st.html(layout.PAGE)
    with waiting_announced(frame.shows_place(place)):
        if bench:
            with notes, frame.problems_shown(), st.spinner("Asking both models …", show_time=True):
                answered(bench, entry)
        if "question" in st.session_state and (entry.untrained or frame.current_question().pair.trained):
            frame.say_if_older(bench.question if bench else None)
            with frame.problems_shown():
                page.run()
    address.finish()
    tell_address(address.written())
    if talk and said:
        say_finding(talk, said)
        prepare_next(talk)
        return
    shortcuts()
    if bench and "question" in st.session_state:
        with bench.heading:
            copy_link(this_view)
            add_view(entry.path, address.link, frame.current_question())
            save_finding(frame.current_question(), address.values(), link_back)
        frame.footer(frame.current_question())
    with notes:
        frame.say_unknown()


def answered(bench: Bench, entry: PageEntry) -> None:
    """Shows both answers in their place; the question is then the one that the page is about."""
    if entry.traces:
        frame.trace(bench.question)
    with bench.answers:
        answer_line(bench.question)
    st.session_state["question"] = bench.question
    pinned(bench.question.example)


def chosen_page(doors_at: Literal["top", "hidden"]) -> tuple[st.Page, PageEntry]:
    """The page that the reader is on; the others stand behind the doors."""
    pages = {_page(entry): entry for entry in PAGES}
    doors: dict[str, list[st.Page]] = {}
    for page, entry in pages.items():
        doors.setdefault(entry.group, []).append(page)
    address.take_along([page for page, entry in pages.items() if not entry.bench])
    page = st.navigation(doors, position=doors_at)
    return page, pages[page]


def _page(entry: PageEntry) -> st.Page:
    """A page as Streamlit has it."""
    return st.Page(
        FOLDER / entry.script,
        title=entry.title,
        url_path=entry.path or None,
        visibility="visible" if entry.listed else "hidden",
    )


main()
