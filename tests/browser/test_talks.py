"""Talks in a real browser: our walkthroughs walked by keys alone, notes that follow, and one of one's own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dashboard.present.library import OURS, TOUR, our_walkthrough
from dashboard.present.points import POINTS
from dashboard.present.walkthrough import Step
from tests.browser.browsing import Record, open_page, rerun, wait_until_idle
from tests.browser.conftest import NewPage
from tests.browser.test_accessibility import grave_findings

FORWARD = ("ArrowRight", "PageDown", "ArrowDown", " ")
READ_ALOUD = ".dl-stage-title, .dl-stage-text, .dl-stage-finding"
LEAST_PX = 24  # of what is read aloud, at 1280 x 720
# What is cut off at the side: of the words, of the part, and of its figures, which have to lie in the part.
CUT_OFF = """(selector) => {
  const point = document.querySelector(selector), room = point.getBoundingClientRect(), cut = [];
  if (room.left < 0 || room.right > innerWidth + 1 || room.bottom > innerHeight + 1) cut.push("the part");
  for (const figure of point.querySelectorAll(".main-svg")) {
    const { left, right } = figure.getBoundingClientRect();
    if (left < room.left - 1 || right > room.right + 1) cut.push("a figure");
  }
  const stage = document.querySelector(".st-key-stage");
  if (stage.scrollHeight > stage.clientHeight + 1 || stage.scrollWidth > stage.clientWidth + 1) cut.push("the words");
  return cut;
}"""
# Whether something else of the page is seen.
ALSO_SEEN = """(selector) => [...document.querySelectorAll(".stMain .stElementContainer")].filter((it) =>
  !it.closest(".st-key-stage") && !it.closest(selector) && !it.querySelector(selector)
  && it.checkVisibility({ visibilityProperty: true }) && it.innerText?.trim()).map((it) => it.innerText)"""


def on_stage(page: Page, step: Step, number: int, count: int) -> None:
    """Waits until the step is drawn with what it points at."""
    expect(page.locator(".dl-place")).to_have_text(f"{number} of {count}")
    expect(page.locator(".dl-stage-title")).to_have_text(step.title)
    wait_until_idle(page)
    expect(page.locator(POINTS[step.point].selector)).to_be_visible()
    page.wait_for_function("document.documentElement.dataset.dlStage")  # before, nothing listens to the keys
    page.wait_for_timeout(500)  # until it has found its size


@pytest.mark.parametrize(
    ("scheme", "width", "height"), [("light", 1280, 720), ("dark", 1280, 720), ("dark", 390, 844), ("light", 390, 844)]
)
@pytest.mark.parametrize("name", OURS)
def test_a_walkthrough_is_walked_by_keys_alone_and_each_step_is_drawn_whole(
    new_page: NewPage, name: str, scheme: str, width: int, height: int
) -> None:
    page, steps = new_page(scheme=scheme, width=width), our_walkthrough(name).steps
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"/?present={name}&step=1")
    wait_until_idle(page)
    for number, step in enumerate(steps, 1):
        on_stage(page, step, number, len(steps))
        selector = POINTS[step.point].selector
        assert page.evaluate(CUT_OFF, selector) == [], step.title
        assert page.evaluate(ALSO_SEEN, selector) == [], step.title
        assert page.locator(".dl-stage-finding").count() == bool(step.finding)
        assert page.get_by_role("heading", level=1).count() == 1
        if width > 640:
            sizes = page.locator(READ_ALOUD).evaluate_all(
                "them => them.map(it => parseFloat(getComputedStyle(it).fontSize))"
            )
            assert min(sizes) >= LEAST_PX
        page.keyboard.press(FORWARD[number % len(FORWARD)])
    page.keyboard.press("PageUp")
    on_stage(page, steps[-2], len(steps) - 1, len(steps))
    page.keyboard.press("Escape")
    expect(page.locator(".dl-stage-title")).to_have_count(0)
    wait_until_idle(page)
    assert "present=" not in page.url
    expect(page.locator(".dl-page")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious_in_a_talk(new_page: NewPage, scheme: str, width: int) -> None:
    page, steps = new_page(scheme=scheme, width=width), our_walkthrough(OURS[3]).steps
    page.goto(f"/?present={OURS[3]}&step=1")
    wait_until_idle(page)
    for number, step in enumerate(steps, 1):
        on_stage(page, step, number, len(steps))
        assert grave_findings(page) == [], step.title
        page.keyboard.press("PageDown")


def test_the_tour_is_offered_and_not_forced_and_back_leads_out_of_it(page: Page, record: Record) -> None:
    open_page(page, "")
    expect(page.locator(".dl-headline")).to_be_visible()
    rerun(page, record, page.get_by_role("link", name="Take the tour").click)
    steps = our_walkthrough(TOUR).steps
    on_stage(page, steps[0], 1, len(steps))
    while "present=" in page.url:
        rerun(page, record, page.go_back)
    expect(page.locator(".dl-headline")).to_be_visible()


def test_notes_in_another_window_follow_the_talk(page: Page, record: Record) -> None:
    steps = our_walkthrough(TOUR).steps
    page.goto(f"/?present={TOUR}&step=2")
    wait_until_idle(page)
    on_stage(page, steps[1], 2, len(steps))
    page.get_by_role("button", name="Notes").click()
    link = page.locator(".dl-link")
    expect(link).to_be_visible()
    notes = page.context.new_page()
    record.follow(notes)
    notes.goto(link.inner_text())
    expect(notes.locator(".dl-notes")).to_have_text(steps[1].notes)
    page.keyboard.press("Escape")  # closes the control, not the talk
    expect(link).to_have_count(0)
    page.keyboard.press("PageDown")
    on_stage(page, steps[2], 3, len(steps))
    expect(notes.locator(".dl-notes")).to_have_text(steps[2].notes)


def test_the_first_page_and_an_edited_word_are_steps(page: Page, record: Record) -> None:
    open_page(page, "attributions", task="sentiment", text="It was not good.", tab="edit-a-word")
    rerun(page, record, page.get_by_role("button", name="Delete", exact=True).click)
    rerun(page, record, page.get_by_role("button", name="Add this view to my walkthrough").click)
    rerun(page, record, page.get_by_role("link", name="Start").click)
    rerun(page, record, page.get_by_role("button", name="Add this view to my walkthrough").click)
    rerun(page, record, page.get_by_role("link", name="Talks").click)
    page.get_by_role("button", name="Present").click()
    for number, point in enumerate(("edited-words", "start"), 1):
        expect(page.locator(".dl-place")).to_have_text(f"{number} of 2")
        expect(page.locator(POINTS[point].selector)).to_be_visible()
        wait_until_idle(page)
        page.wait_for_function("document.documentElement.dataset.dlStage")
        page.wait_for_timeout(500)
        assert page.evaluate(CUT_OFF, POINTS[point].selector) == []
        assert page.evaluate(ALSO_SEEN, POINTS[point].selector) == []
        page.keyboard.press("PageDown")
    expect(page.locator(POINTS["start"].selector)).to_be_visible()
    assert "present=" in page.url
    page.keyboard.press("Escape")
    expect(page.locator(".dl-headline")).to_be_visible()
    assert "present=" not in page.url


def test_a_view_is_added_worded_and_presented(page: Page, record: Record) -> None:
    open_page(page, "attention", task="sentiment", tab="compare-two-heads", text="It was not good.")
    rerun(page, record, page.get_by_role("button", name="Add this view to my walkthrough").first.click)
    rerun(page, record, page.get_by_role("link", name="Talks").click)
    rerun(page, record, page.get_by_text("Change step 1").click)
    field = page.get_by_label("Title", exact=True)
    field.fill("Two heads of mine")
    rerun(page, record, lambda: field.press("Enter"))
    page.get_by_role("button", name="Present").click()
    expect(page.locator(".dl-stage-title")).to_have_text("Two heads of mine")
    wait_until_idle(page)
    address = page.url
    page.reload()
    expect(page.locator(".dl-stage-title")).to_have_text("Two heads of mine")
    assert page.url == address
