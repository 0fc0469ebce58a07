"""A finding made on one server opens on another, and its report passes axe as it opens from disk, off the network."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from analysis.inputs.examples import Example
from analysis.models.pairs import PAIRS
from dashboard.frame import Question
from dashboard.report.files import archive, files_of
from dashboard.report.finding import FindingRequest
from dashboard.report.sections import SECTIONS, make_finding
from tests.browser.browsing import PATIENCE_MS, Record, open_page, rerun, saved, wait_until_idle
from tests.browser.test_accessibility import grave_findings
from tests.support.servers import dashboard_server

CARRIED = "A film that is carried from one place to another."
HOSTILE = """</script><img src=x onerror="document.title = 'run'"><b>dull & lovely</b> {{7*7}} :red[x] $x$"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is saved for a hostile text, made in another process than the server's and with a store of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISTILLENS_CACHE", str(tmp_path_factory.mktemp("elsewhere")))
        question = Question(PAIRS["embedded"], Example("sentiment", HOSTILE))
        return files_of(make_finding(FindingRequest(question, {}, tuple(SECTIONS)), "http://127.0.0.1/"), {})


@pytest.mark.long
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_report_passes_axe_off_the_network(
    files: dict[str, bytes], browser: Browser, record: Record, tmp_path: Path, scheme: str, width: int
) -> None:
    report = tmp_path / "report.html"
    report.write_bytes(files["report.html"])
    context = browser.new_context(
        offline=True, color_scheme=scheme, viewport={"width": width, "height": 844}, bypass_csp=True
    )
    page = context.new_page()
    record.follow(page)
    page.goto(report.as_uri())
    page.wait_for_selector("body[data-drawn]", timeout=PATIENCE_MS)
    page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
    assert grave_findings(page) == []
    assert "run" not in page.title().split()
    assert page.locator("img").count() == 0
    context.close()


@pytest.mark.long
def test_a_finding_is_carried_from_one_server_to_another(
    page: Page, record: Record, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    open_page(page, "attributions", task="sentiment", text=CARRIED, method="saliency")
    archive = tmp_path / "finding.zip"
    page.get_by_role("button", name="Save this finding").click()
    page.get_by_role("button", name="Make the report").click()
    saved(page, "Download finding.zip").save_as(archive)
    headline = json.loads(zipfile.ZipFile(archive).read("finding/results.json"))["headline"]
    with dashboard_server(tmp_path_factory.mktemp("second")) as second:
        page.goto(f"{second.url}/finding")
        wait_until_idle(page)
        rerun(page, record, lambda: page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(archive))
        expect(page.get_by_text("Loaded, measured on ")).to_be_visible()
        expect(page.get_by_text(headline).first).to_be_visible()
        assert page.locator(".dl-text").first.inner_text() == CARRIED
        rerun(page, record, page.get_by_role("tab", name="Attributions", exact=True).click)
        expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
        expect(page.locator(".dl-problem")).to_have_count(0)


@pytest.mark.long
def test_an_uploaded_finding_shows_each_section_and_runs_nothing(
    files: dict[str, bytes], new_page: Callable[..., Page], record: Record
) -> None:
    page = new_page(scheme="dark", width=390)
    open_page(page, "finding")
    file = {"name": "finding.zip", "mimeType": "application/zip", "buffer": archive(files)}
    rerun(page, record, lambda: page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file))
    expect(page.get_by_text("Loaded, measured on ")).to_be_visible()
    assert page.locator(".dl-text").first.inner_text() == HOSTILE
    main = page.get_by_test_id("stMain")
    for name in page.get_by_role("tab").all_inner_texts():
        if page.get_by_role("tab", name=name, exact=True).get_attribute("aria-selected") != "true":
            rerun(page, record, page.get_by_role("tab", name=name, exact=True).click)
        expect(page.locator(".dl-problem")).to_have_count(0)
        assert main.evaluate("it => it.scrollWidth - it.clientWidth") <= 0, name
        assert grave_findings(page) == [], name
    assert page.locator("main img").count() == 0
