"""The link of a page is copied, also inside of a frame; where the browser refuses, it is selected for the keyboard."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.browsing import Record, asked, open_page, rerun, wait_until_idle

TEXT = "A strange & wonderful film."
REFUSE = "() => { navigator.clipboard.writeText = async () => { throw new Error('refused'); }; }"
NO_COPY = "() => { document.execCommand = () => false; }"


@pytest.fixture
def opened(page: Page, record: Record) -> Page:
    """A page with the control open."""
    open_page(page, "attention", task="sentiment", text=TEXT)
    rerun(page, record, page.get_by_role("button", name="Copy link").click)
    return page


def copy(page: Page, *scripts: str) -> str:
    """What the page says after the button was pressed."""
    for script in scripts:
        page.evaluate(script)
    page.locator(".dl-copy button").click()
    said = page.locator(".dl-copy [role=status]")
    expect(said).not_to_be_empty()
    return said.inner_text()


def test_what_is_copied_opens_the_view(opened: Page, new_page: Callable[..., Page]) -> None:
    opened.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copiedText = text; }; }")
    assert copy(opened) == "Copied."
    other = new_page(scheme="dark", width=390)
    other.goto(opened.evaluate("copiedText"))
    wait_until_idle(other)
    assert asked(other) == TEXT
    assert "/attention?" in other.url


def test_a_camera_reads_the_link_from_the_screen(opened: Page) -> None:
    opened.emulate_media(color_scheme="dark")
    opened.locator(".dl-copy").wait_for()
    expect(opened.get_by_role("img", name="The link as a QR code")).to_be_visible()
    picture = Image.open(io.BytesIO(opened.screenshot()))
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == opened.locator(".dl-link").inner_text()


def test_where_the_browser_refuses_the_link_is_selected(opened: Page) -> None:
    assert copy(opened, REFUSE) == "Copied."  # by the older way, which a frame allows
    assert copy(opened, NO_COPY) == "Your browser refuses: press Ctrl+C or ⌘C."
    assert opened.evaluate("getSelection().toString()") == opened.locator(".dl-link").inner_text()


@pytest.mark.parametrize("path", ["", "models"])
def test_pages_offer_it(page: Page, record: Record, path: str) -> None:
    open_page(page, path)
    rerun(page, record, page.get_by_role("button", name="Copy link").click)
    expect(page.locator(".dl-link")).to_contain_text("http://127.0.0.1")
