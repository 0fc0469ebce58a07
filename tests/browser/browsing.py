"""Opening pages of the dashboard in Chromium and waiting for it to finish.

>>> open_page(page, "models", task="sentiment")
>>> rerun(page, record, lambda: ask(page, "A dull film."))
>>> rerun(page, record, lambda: visit(page, "Attention"))
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Download, FloatRect, FrameLocator, Locator, Page, WebSocket
from playwright.sync_api import TimeoutError as Unanswered
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.page_list import PAGES

SOON_MS = 20_000
PATIENCE_MS = 240_000  # 600 sentences, or a first answer that loads libraries and models, on a busy machine

# On a deep link Streamlit's page first asks for these below its own path, gets 404, and then at the root.
LOOKED_FOR = ("/_stcore/health", "/_stcore/host-config")

# "initial" until the first run begins; then what is stale or not yet drawn must go, too, and Plotly draws last.
IDLE = """() => document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')
    && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every(
        it => !it.checkVisibility() || it.querySelector('.main-svg'))"""


@dataclass  # no slots: Playwright hangs its own attributes on the owner of a method that it is given
class Record:
    """What the pages of one test did besides what they show."""

    hosts: set[str] = field(default_factory=set)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    runs: int = 0
    running: bool = False

    def follow(self, page: Page) -> None:
        """Writes down all that `page` asks for, pops up and complains about from now on."""

        def dismiss(dialog: Dialog) -> None:
            self.dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("request", lambda request: self.note_host(request.url))
        page.on("websocket", self.follow_socket)
        page.on("dialog", dismiss)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self.note_error)

    def note_error(self, line: ConsoleMessage) -> None:
        if line.type == "error" and not line.location["url"].endswith(LOOKED_FOR):
            self.errors.append(f"{line.text} ({line.location['url']})")

    def follow_socket(self, socket: WebSocket) -> None:
        self.note_host(socket.url)
        socket.on("framereceived", self.count_runs)

    def note_host(self, url: str) -> None:
        if host := urlsplit(url).hostname:  # none in data:, blob: and about:
            self.hosts.add(host)

    def count_runs(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            message = ForwardMsg.FromString(frame)
            if message.HasField("new_session"):
                self.runs, self.running = self.runs + 1, True
            elif message.HasField("script_finished"):
                # A part of the page that asks for the whole is not the end: the run of the whole begins a moment later.
                self.running = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN


def open_page(page: Page, path: str = "predictions", **query: str) -> None:
    """Goes to a page of the dashboard, "" for Start, and waits until it is drawn."""
    page.goto(f"/{path}?{urlencode(query)}" if query else f"/{path}")
    wait_until_idle(page)


def visit(page: Page | FrameLocator, title: str) -> None:
    """Goes to another page through the door that it stands behind, if it has one."""
    if door := next(entry.group for entry in PAGES if entry.title == title):
        page.get_by_role("button", name=door).click()
        page.get_by_role("menuitem", name=title).click()
    else:
        page.get_by_role("link", name=title).click()


def ask(page: Page, text: str) -> None:
    """Writes a text on the bench, where Enter asks."""
    bench = page.locator(".st-key-text_field")
    bench.get_by_role("button", name="Edit the text").click()
    bench.locator(".dl-field").fill(text)
    bench.locator(".dl-field").press("Enter")


def asked(page: Page) -> str:
    """The text on the bench."""
    return page.locator(".st-key-text textarea").input_value()


def box_of(locator: Locator) -> FloatRect:
    """Where it stands on the screen, in pixels. Raises `AssertionError` where it stands nowhere."""
    box = locator.bounding_box()
    assert box, f"{locator} is not drawn."
    return box


def saved(page: Page, name: str) -> Download:
    """What the button of that name saves.

    A click that comes while the page still moves can end on something else than it began on, which is no click: then
    it is done again.
    """
    for patience in (SOON_MS, PATIENCE_MS):
        try:
            with page.expect_download(timeout=patience) as download:
                page.get_by_role("button", name=name).click()
        except Unanswered:
            continue
        return download.value
    raise TimeoutError(f"Nothing was saved by {name}.")


def wait_until_idle(page: Page) -> None:
    """Returns when the app has run and all it drew is on screen."""
    page.wait_for_function(IDLE, timeout=PATIENCE_MS)


def rerun(page: Page, record: Record, act: Callable[[], object]) -> None:
    """Does `act` and waits for the run of the app that it causes.

    A look at the page alone would come too early: until the server answers, the page still says that it is idle. And a
    run that was under way, or that the page asks for by itself while it measures, is not the one that `act` causes.
    """
    wait(page, lambda: not record.running, "The app does not stop running.")
    before = record.runs
    act()
    wait(page, lambda: record.runs > before and not record.running, "Nothing that was done made the app run.")
    wait_until_idle(page)


def wait(page: Page, until: Callable[[], bool], otherwise: str) -> None:
    """Returns when `until` holds, or raises a TimeoutError that says `otherwise`."""
    last = monotonic() + PATIENCE_MS / 1000
    while not until():
        if monotonic() > last:
            raise TimeoutError(otherwise)
        page.wait_for_timeout(20)  # events arrive only while Playwright is being asked something
