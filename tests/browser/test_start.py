"""The first page in a real browser: older links pass through it, Back leads to it, and it leads to the others."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.browser.browsing import Record, asked, box_of, open_page, rerun, visit, wait_until_idle

TEXT = "It was not good."
HEADLINE = "Half the layers. The same answers?"


def place(page: Page) -> tuple[str, dict[str, list[str]]]:
    """Path and query of the address."""
    parts = urlsplit(page.url)
    return parts.path, parse_qs(parts.query)


def test_an_older_link_opens_predictions_and_back_leads_to_start(page: Page, record: Record) -> None:
    open_page(page, "", task="Sentiment", text=TEXT)
    expect(page.get_by_role("heading", level=1)).to_have_text("Predictions")
    wait_until_idle(page)
    assert asked(page) == TEXT
    assert place(page) == ("/predictions", {"task": ["Sentiment"], "text": [TEXT]})
    while place(page)[0] != "/":
        rerun(page, record, page.go_back)
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE)


def test_start_keeps_what_is_chosen_out_of_its_address_and_back_and_forward_pass_over_it(
    page: Page, record: Record
) -> None:
    open_page(page, "predictions", task="sentiment", text=TEXT)
    there = place(page)
    rerun(page, record, lambda: visit(page, "Start"))
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE)
    assert place(page) == ("/", {})
    rerun(page, record, page.go_back)
    assert (place(page), asked(page)) == (there, TEXT)
    rerun(page, record, page.go_forward)
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE)
    assert place(page) == ("/", {})
    rerun(page, record, lambda: visit(page, "Attention"))
    assert place(page) == ("/attention", there[1])
    assert asked(page) == TEXT


def test_card_links_and_field_lead_to_other_pages(page: Page, record: Record) -> None:
    open_page(page, "")
    text = page.locator(".st-key-card_0 .dl-text").last.inner_text()
    page.locator(".st-key-card_0").scroll_into_view_if_needed()
    box = box_of(page.locator(".st-key-card_0"))
    rerun(page, record, lambda: page.mouse.click(box["x"] + box["width"] - 20, box["y"] + box["height"] - 12))
    expect(page.get_by_role("heading", level=1)).to_have_text("Predictions")
    assert text in (asked(page), page.locator(".st-key-text_pair textarea").input_value())
    rerun(page, record, page.go_back)
    assert place(page) == ("/", {})

    rerun(page, record, page.get_by_role("link", name="Why?").click)
    expect(page.get_by_role("heading", level=1)).to_have_text("Attributions")
    rerun(page, record, page.go_back)
    assert place(page) == ("/", {})

    field = page.get_by_placeholder("Try your own sentence")
    field.fill(TEXT)
    rerun(page, record, lambda: field.press("Enter"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Predictions")
    wait_until_idle(page)
    assert asked(page) == TEXT
    assert place(page) == ("/predictions", {"task": ["sentiment"], "text": [TEXT]})
    while place(page)[0] != "/":
        rerun(page, record, page.go_back)
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINE)
