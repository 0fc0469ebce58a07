"""The real dashboard in a process of its own, and pages of a real Chromium that look at it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser.browsing import PATIENCE_MS, Record
from tests.browser.chromium import MISSING, find_chromium
from tests.support.servers import dashboard_server

LOOPBACK = {"127.0.0.1"}

# The last one makes every other host unknown: where a page asks for something from outside, it is seen to fail.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

QUICK = ("test_frame.py", "test_layout.py", "test_start.py")  # what all pages share; walks through one take long
NewPage = Callable[..., Page]
expect.set_options(timeout=30_000)  # 5 s are too few where other work shares the machine


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what is not asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name not in QUICK:
            item.add_marker(pytest.mark.long)


@pytest.fixture(scope="package")
def chromium() -> Path:
    return find_chromium() or pytest.fail(MISSING, pytrace=False)


@pytest.fixture(scope="package")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard with an empty cache and no hub."""
    with dashboard_server(tmp_path_factory.mktemp("dashboard")) as server:
        yield server.url


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright, chromium: Path) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def record() -> Iterator[Record]:
    """What the test's pages ask for and complain about. After each test: nothing off loopback, no dialog, no error."""
    record = Record()
    yield record
    assert record.hosts <= LOOPBACK
    assert record.dialogs == []
    assert record.errors == []


@pytest.fixture
def new_page(browser: Browser, dashboard: str, record: Record) -> Iterator[NewPage]:
    """A function that gives a fresh page, as a person has who was never here: `new_page(scheme="dark", width=390)`."""
    contexts = []

    def new_page(scheme: str = "light", width: int = 1280, touch: bool = False) -> Page:
        size = {"width": width, "height": 844 if width < 600 else 900}
        context = browser.new_context(
            base_url=dashboard, color_scheme=scheme, viewport=size, has_touch=touch, is_mobile=touch
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        record.follow(page)
        return page

    yield new_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A page on a desk, in the light."""
    return new_page()


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["desk in the light", "telephone in the dark"])
def any_page(new_page: NewPage, request: pytest.FixtureRequest) -> Page:
    """A page in either colour scheme, each at another width: the test runs twice."""
    scheme, width = request.param
    return new_page(scheme=scheme, width=width)
