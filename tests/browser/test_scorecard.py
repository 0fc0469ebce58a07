"""The scorecard in a real browser: a link with the measured speed, a list to click, and its place on the screen."""

import re

from playwright.sync_api import Page, expect

from analysis.models.pairs import PAIRS
from tests.browser.browsing import PATIENCE_MS, Record, asked, box_of, open_page, rerun, wait_until_idle
from tests.browser.conftest import NewPage

MAIN = '[data-testid="stMain"]'
FIRST_ROW_PX, THREE_SCREENS_PX = 260, 3 * 720


def test_the_first_row_is_in_sight_and_the_page_takes_three_screens(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    for task in ("sentiment", "question-answering"):
        open_page(page, "scorecard", task=task)
        expect(page.locator(".dl-score.dl-verdict")).to_have_count(4)
        top = box_of(page.locator('.st-key-scorecard [data-testid="stHorizontalBlock"]').first)
        assert top["y"] < FIRST_ROW_PX, task
        assert page.locator(MAIN).evaluate("element => element.scrollHeight") <= THREE_SCREENS_PX, task


def test_a_copied_link_shows_the_measured_speed_in_a_fresh_browser(
    page: Page, record: Record, new_page: NewPage
) -> None:
    open_page(page, "scorecard", task="sentiment")
    speed = page.locator('.st-key-scorecard [data-testid="stHorizontalBlock"]').nth(1)
    rerun(page, record, page.get_by_role("button", name="Measure the speed").click)
    expect(page.get_by_role("button", name="Measure the speed again")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(re.compile(r"^Measured on .+, \d+ cores?, \d+ [A-Z][a-z]+ \d{4}\.$"))).to_be_visible()
    expect(speed).not_to_contain_text("not measured yet")
    rerun(page, record, page.get_by_role("button", name="Copy link").click)
    other = new_page(scheme="dark", width=390)
    other.goto(page.locator(".dl-link").inner_text())
    wait_until_idle(other)
    expect(other.get_by_role("button", name="Measure the speed here")).to_be_visible()
    cells = [
        one.locator('.st-key-scorecard [data-testid="stHorizontalBlock"]').nth(1).locator(".dl-cell").all_inner_texts()
        for one in (page, other)
    ]
    assert cells[0] == cells[1]
    assert other.locator(".dl-finding").inner_text() == page.locator(".dl-finding").inner_text()


def test_a_click_anywhere_on_an_example_opens_it(page: Page, record: Record) -> None:
    open_page(page, "scorecard", task="sentiment", right="student")
    row = page.locator('.st-key-disagreements [data-testid="stHorizontalBlock"]').first
    text = row.locator(".dl-example").first.inner_text()
    rerun(page, record, row.click)  # in its middle, far from the button
    expect(page.locator("h1")).to_have_text("Predictions")
    assert asked(page) == text
    assert "right=student" in page.url  # for the way back


def test_rows_fit_a_narrow_screen_and_random_weights_have_a_size(new_page: NewPage) -> None:
    narrow = new_page(scheme="dark", width=390)
    open_page(narrow, "scorecard", task="sentiment", pair=PAIRS["architecture"].title)
    verdicts = narrow.locator(".dl-score.dl-verdict")
    expect(verdicts).to_contain_text(["passes", "not measured yet", "not measurable here", "not measurable here"])
    assert narrow.locator(MAIN).evaluate("element => element.scrollWidth - element.clientWidth") <= 0
