"""Three jobs that people come with, done from the first page by clicks alone, and how many these are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.ui.figure_menu import MENU
from tests.browser.browsing import Record, open_page, rerun, wait_until_idle
from tests.browser.conftest import NewPage

LAST_ROW_PX = 20  # of type that is read from the last row of a class, at 1280 x 720
AS_TALL = """(least) => {
    const texts = [...document.querySelectorAll(":fullscreen .js-plotly-plot .ytick text")];
    return texts.length && texts.every(it => it.getBoundingClientRect().height >= least);
}"""
NEGATIONS = ("not", "cannot", "n't", "never", "nobody", "nothing", "hardly", "no ")


class Clicks:
    """Clicks on a page, counted."""

    def __init__(self, page: Page, record: Record) -> None:
        self.page, self.record, self.count = page, record, 0

    def __call__(self, target: Locator, runs: bool = True) -> None:
        """One click, after which the app runs unless told otherwise."""
        act: Callable[[], None] = target.click
        self.count += 1
        if runs:
            rerun(self.page, self.record, act)
        else:
            act()

    def visit(self, door: str, title: str) -> None:
        self(self.page.get_by_role("button", name=door), runs=False)
        self(self.page.get_by_role("menuitem", name=title))
        expect(self.page.locator("h1")).to_have_text(title)
        wait_until_idle(self.page)


@pytest.fixture
def screen(new_page: NewPage) -> Page:
    page = new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    return page


def test_an_explorer_sees_a_negation_that_the_student_gets_wrong_and_why(screen: Page, record: Record) -> None:
    open_page(screen, "")
    text = screen.locator(".dl-reading .dl-text").first.inner_text()
    assert any(word in text.lower() for word in NEGATIONS)
    assert "The teacher is right, the student wrong." in screen.locator(".dl-verdict-line").inner_text()
    clicks = Clicks(screen, record)
    clicks(screen.get_by_role("link", name="Why?"))
    expect(screen.locator("h1")).to_have_text("Attributions")
    assert clicks.count == 1
    clicks(screen.locator(".dl-word", has_text="cannot"), runs=False)
    clicks(screen.get_by_role("button", name="Delete"))
    expect(screen.locator(".dl-words")).to_have_text(text.replace("cannot ", ""))
    assert clicks.count == 3


def test_a_teacher_shows_the_inherited_heads_to_the_last_row(screen: Page, record: Record) -> None:
    open_page(screen, "")
    clicks = Clicks(screen, record)
    clicks.visit("Inside", "Attention")
    clicks(screen.get_by_role("tab", name="Head matching"))
    menu = screen.get_by_role("tabpanel").get_by_label(MENU)
    clicks(menu.locator("visible=true").first, runs=False)
    clicks(screen.get_by_role("button", name="Full screen"), runs=False)
    screen.wait_for_function(AS_TALL, arg=LAST_ROW_PX)  # a moment after the screen is full
    assert clicks.count == 5


def test_an_engineer_decides_for_entities_and_questions_and_sends_the_link(
    screen: Page, record: Record, new_page: NewPage
) -> None:
    open_page(screen, "")
    clicks = Clicks(screen, record)
    clicks.visit("Decide", "Scorecard")
    read = {}
    for task in ("Named entities", "Question answering"):
        clicks(screen.locator(".st-key-settings button").first, runs=False)
        clicks(screen.get_by_role("combobox", name="Task"), runs=False)
        clicks(screen.get_by_role("option", name=task))
        screen.keyboard.press("Escape")
        expect(screen.locator(".dl-score.dl-verdict")).to_have_count(4)
        read[task] = screen.locator(".st-key-scorecard").inner_text()
    assert read["Named entities"] != read["Question answering"]
    clicks(screen.get_by_role("button", name="Copy link"))
    link = screen.locator(".dl-link").inner_text()
    clicks(screen.locator(".dl-copy button"), runs=False)
    assert clicks.count == 10
    other = new_page()
    other.goto(link)
    wait_until_idle(other)
    assert other.locator(".st-key-scorecard").inner_text() == read["Question answering"]
