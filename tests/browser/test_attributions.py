"""The attributions page in a real browser: another target, a word edited, and shares on hover are one move away."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.attribution.panels import PANELS
from tests.browser.browsing import Record, open_page, rerun
from tests.tiny import EXAMPLES, tiny_checkpoint

HOSTILE = "<img src=x onerror=alert(1)>"


def choose(page: Page, record: Record, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    rerun(page, record, page.get_by_role("option", name=option, exact=True).click)


def word(page: Page, text: str, model: int = 0) -> Locator:
    """A word as it is tinted in the text of the teacher (0) or the student (1)."""
    return page.locator(".dl-text").nth(model).locator("span", has_text=text).first


def edit(page: Page, record: Record, place: str, way: str, to: str = "") -> None:
    """Chooses a word by its beginning, types what is to stand there, and presses a button."""
    page.get_by_label("Word", exact=True).click()
    page.get_by_role("option", name=place).first.click()
    page.get_by_label("Change it to").fill(to)
    rerun(page, record, page.get_by_role("button", name=way, exact=True).click)


def test_another_target_and_an_edited_word_turn_the_words_around(page: Page, record: Record) -> None:
    open_page(page, "attributions", task="Sentiment")
    expect(page.get_by_text("Why “positive”?")).to_be_visible()
    expect(word(page, "beautifully")).to_have_class("dl-for")
    assert (word(page, "beautifully").get_attribute("title") or "").startswith("+")
    bars = page.locator(".js-plotly-plot").first
    bars.scroll_into_view_if_needed()
    bars.locator(".point path").first.hover(force=True)
    expect(bars.locator(".hoverlayer text").first).to_contain_text("%")
    choose(page, record, "Why", "negative")
    expect(page.get_by_text("Why “negative”?")).to_be_visible()
    expect(word(page, "beautifully")).to_have_class("dl-against")
    assert "target=negative" in page.url
    rerun(page, record, page.get_by_role("tab", name="Edit a word").click)
    edit(page, record, "6 beautifully", "Change", "awfully")
    expect(page.get_by_text("The probability of “negative” goes from")).to_be_visible()
    expect(word(page, "awfully", model=1)).to_have_class("dl-for dl-framed")
    edit(page, record, "2 warm", "Change")
    expect(page.get_by_role("alert").filter(has_text="Type what is to stand in the place of “warm”")).to_have_count(1)
    rerun(page, record, page.get_by_role("button", name="Drop", exact=True).click)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(2)
    rerun(page, record, page.get_by_role("button", name="Put the edited text into the sidebar").click)
    expect(page.get_by_role("textbox", name="Text")).to_have_value("A, funny and awfully acted film.")


def test_every_part_fits_each_width_in_both_themes(any_page: Page, record: Record) -> None:
    open_page(any_page, "attributions", task="Named entities")
    main = any_page.locator('[data-testid="stMain"]')
    for part in reversed(PANELS):
        rerun(any_page, record, any_page.get_by_role("tab", name=part).click)
        if part == "Edit a word":
            edit(any_page, record, "1 ", "Change", "Yesterday")
            expect(any_page.locator(".dl-framed")).to_have_count(4)
        expect(any_page.locator(".dl-problem")).to_have_count(0)
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0, part
