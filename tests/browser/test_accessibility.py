"""What axe finds on every page and tab, in both themes: nothing that it calls serious or critical."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.page_list import PAGES, PageEntry
from tests.browser.browsing import Record, open_page, rerun
from tests.browser.conftest import NewPage
from tests.browser.test_latency import GROUNDS

GRAVE = {"serious", "critical"}
STREAMLITS = {"exclude": ['[data-testid="stSidebarNavItems"]']}  # on a phone its list of pages holds more than items


def grave_findings(page: Page, **options: bool) -> list[tuple[str, str, str]]:
    """Of each grave finding of axe-core, which may have options, its rule, the element, and what is wrong."""
    return [
        (found["id"], node["html"][:200], node["failureSummary"][-300:])
        for found in Axe().run(page, STREAMLITS, {"resultTypes": ["violations"], **options}).response["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_axe_finds_nothing_serious(new_page: NewPage, record: Record, entry: PageEntry) -> None:
    page = new_page()
    open_page(page, entry.path)
    findings = {}
    for name in page.get_by_role("tab").all_inner_texts() or [""]:
        tab = page.get_by_role("tab", name=name, exact=True)
        if name and tab.get_attribute("aria-selected") != "true":
            rerun(page, record, tab.click)
        for scheme, ground in GROUNDS.items():
            page.emulate_media(color_scheme=scheme)
            expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
            findings[name, scheme] = grave_findings(page)
    page.set_viewport_size({"width": 390, "height": 844})
    findings["narrow", "dark"] = grave_findings(page)
    assert {where: found for where, found in findings.items() if found} == {}
