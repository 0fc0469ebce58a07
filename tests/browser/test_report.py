"""A saved finding: made and downloaded from a page, it opens from disk without a network and runs nothing of others."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsing import PATIENCE_MS, open_page
from tests.browser.conftest import NewPage

HOSTILE = """</script><img src=x onerror="alert(1)"><b>A dull & lovely film</b> {{7*7}} :red[x] $x$ <!--"""
SAVE, MAKE, CANCEL = "Save this finding", "Make the report", "Cancel"


def open_panel(page: Page) -> None:
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_role("button", name=MAKE)).to_be_visible(timeout=PATIENCE_MS)


@pytest.fixture
def folder(page: Page, tmp_path: Path) -> Path:
    """What the button saves for a hostile text, unzipped."""
    open_page(page, "attributions", task="sentiment", text=HOSTILE, method="saliency")
    open_panel(page)
    page.get_by_role("button", name=MAKE).click()
    download = page.get_by_role("button", name="Download finding.zip")
    expect(download).to_be_visible(timeout=PATIENCE_MS)
    with page.expect_download() as saved:
        download.click()
    saved.value.save_as(tmp_path / "finding.zip")
    with zipfile.ZipFile(tmp_path / "finding.zip") as zipped:
        zipped.extractall(tmp_path)
    return tmp_path / "finding"


@pytest.fixture
def off_the_net(new_page: NewPage) -> NewPage:
    """A function that gives a page without any network."""

    def offline(scheme: str, width: int) -> Page:
        page = new_page(scheme, width)
        page.context.set_offline(True)
        return page

    return offline


def test_a_finding_opens_from_disk_without_a_network_and_shows_every_figure(
    folder: Path, off_the_net: NewPage, browser: Browser
) -> None:
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    names = [name for section in results["sections"].values() for name in section["figures"]]
    assert results["question"]["text"] == HOSTILE
    assert results["sections"]["attributions"]["numbers"]["settings"]["method"] == "Saliency"
    assert len(names) >= 8
    for scheme, width in (("light", 1280), ("dark", 390)):
        page = off_the_net(scheme, width)
        page.goto((folder / "report.html").as_uri())
        page.wait_for_selector("body[data-drawn]", timeout=PATIENCE_MS)
        for name in names:
            assert page.locator(f"#figure-{name} .main-svg").count() > 0, name
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert HOSTILE in page.locator(".asked").inner_text()
        assert page.locator("img").count() == 0
        ink, ground = (
            page.evaluate(f"getComputedStyle(document.body).{what}") for what in ("color", "backgroundColor")
        )
        assert (ink, ground) == {
            "light": ("rgb(27, 31, 36)", "rgb(255, 255, 255)"),
            "dark": ("rgb(232, 234, 237)", "rgb(20, 23, 27)"),
        }[scheme]
        tick = page.locator("#figure-attributions .ytick text").first
        assert tick.evaluate("it => getComputedStyle(it).fill") == ink
    # A report that others have put a script into does not run it.
    assert title_of_a_report_with_a_script_put_into_it(folder / "report.html", browser) != "run"


def title_of_a_report_with_a_script_put_into_it(report: Path, browser: Browser) -> str:
    text, broken = report.read_text(encoding="utf-8"), report.with_name("broken.html")
    broken.write_text(text.replace("<h1>", "<script>document.title = 'run'</script><h1>", 1), encoding="utf-8")
    page = browser.new_page()  # not one that is followed: the refusal is an error on its console
    page.goto(broken.as_uri())
    page.wait_for_selector("body[data-drawn]", timeout=PATIENCE_MS)
    title = page.title()
    page.close()
    return title


def test_making_a_report_can_be_cancelled(page: Page) -> None:
    open_page(page, "predictions", task="sentiment", text="A film that nobody has asked about before.")
    open_panel(page)
    page.get_by_role("button", name=MAKE).click()
    page.get_by_role("button", name=CANCEL).click()
    expect(page.get_by_role("button", name=CANCEL)).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name=MAKE)).to_be_enabled()
    assert page.get_by_role("button", name="Download finding.zip").count() == 0


def test_every_page_offers_to_save(page: Page) -> None:
    for path in ("", "models", "claims"):
        open_page(page, path)
        expect(page.get_by_role("button", name=SAVE)).to_be_enabled()
    open_page(page, "latency", pair="architecture")
    expect(page.get_by_role("button", name=SAVE)).to_be_disabled()
