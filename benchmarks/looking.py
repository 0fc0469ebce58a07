"""A ready server with an empty store, and Chromium to look at it, for what is measured as a person sees it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.chromium import find_chromium
from tests.browser.conftest import ARGUMENTS
from tests.support.servers import dashboard_server


@contextmanager
def looking() -> Iterator[BrowserContext]:
    """A window of 1280 x 720, until the block ends."""
    with (
        tempfile.TemporaryDirectory() as folder,
        dashboard_server(Path(folder), "/readyz") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        yield browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 720})
        browser.close()
