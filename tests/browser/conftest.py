"""The real dashboard in a process of its own, and pages of a real Chromium that look at it."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser.browsing import PATIENCE_MS, Record
from tests.browser.chromium import MISSING, find_chromium

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = {"127.0.0.1"}
START_S = 60
SETTINGS = {"CACHE_URL", "DISTILLENS_HOSTED", "HF_ENDPOINT"}  # the developer's own would change what is looked at

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

NewPage = Callable[..., Page]
expect.set_options(timeout=30_000)  # 5 s are too few where other work shares the machine


@pytest.fixture(scope="package")
def chromium() -> Path:
    return find_chromium() or pytest.fail(MISSING, pytrace=False)


@pytest.fixture(scope="package")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard with an empty cache and no hub."""
    folder = tmp_path_factory.mktemp("dashboard")
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "dashboard", "serve", "--host", "127.0.0.1", "--port", address.rsplit(":", 1)[1]]
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    environment |= {"DISTILLENS_CACHE": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}
    log = folder / "log.txt"
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for_answer(server, f"{address}/_stcore/health", log)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=START_S)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for_answer(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = monotonic() + START_S
    while monotonic() < until and server.poll() is None:
        try:
            with urlopen(url, timeout=5):
                return
        except URLError:
            sleep(0.1)
    pytest.fail(f"The dashboard did not answer within {START_S} s. It wrote:\n{log.read_text()}", pytrace=False)


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

    def new_page(scheme: str = "light", width: int = 1280) -> Page:
        size = {"width": width, "height": 844 if width < 600 else 900}
        context = browser.new_context(base_url=dashboard, color_scheme=scheme, viewport=size)
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
