"""The attributions page in a real browser: another target is one click away, and words tell their shares on hover."""

from playwright.sync_api import Page, expect

from dashboard.attribution.panels import PANELS
from tests.browser.browsing import Record, open_page, rerun


def test_another_target_turns_the_words_around(page: Page, record: Record) -> None:
    open_page(page, "attributions", task="Sentiment")
    expect(page.get_by_text("Why “positive”?")).to_be_visible()
    word = page.locator(".dl-text span", has_text="beautifully").first
    expect(word).to_have_class("dl-for")
    share = word.get_attribute("title") or ""
    assert share.startswith("+")
    page.get_by_label("Why", exact=True).click()
    rerun(page, record, page.get_by_role("option", name="negative").click)
    expect(page.get_by_text("Why “negative”?")).to_be_visible()
    expect(page.locator(".dl-text span", has_text="beautifully").first).to_have_class("dl-against")
    assert "target=negative" in page.url


def test_every_part_fits_each_width_in_both_themes(any_page: Page, record: Record) -> None:
    open_page(any_page, "attributions", task="Named entities")
    main = any_page.locator('[data-testid="stMain"]')
    for part in reversed(PANELS):
        rerun(any_page, record, any_page.get_by_role("tab", name=part).click)
        expect(any_page.locator(".dl-problem")).to_have_count(0)
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0, part
