"""Links of earlier versions open what they opened then."""

import pytest
from playwright.sync_api import Page, expect

from dashboard.address import RENAMED
from tests.browser.browsing import open_page

PAGES = {"part": "attention", "tab": "similarity"}
OLDER = [(key, old, new) for key, names in RENAMED.items() for old, new in names.items()]


@pytest.mark.parametrize(("key", "old", "new"), OLDER)
def test_an_older_name_of_a_tab_opens_it(page: Page, key: str, old: str, new: str) -> None:
    open_page(page, PAGES[key], **{key: old})
    expect(page.get_by_role("tab", name=new)).to_have_attribute("aria-selected", "true")
