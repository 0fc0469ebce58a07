"""Links open what was copied, in another browser; Back and Forward lead over what was chosen."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from time import sleep
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.address_keys import IMPLIED, KEYS, RENAMED, TABS, slug
from dashboard.address_keys import OLDER as OLDER_KEYS
from tests.browser.browsing import Record, ask, asked, open_page, rerun, visit, wait_until_idle
from tests.browser.conftest import NewPage

DOCUMENT = Path(__file__).parents[2] / "docs" / "using.md"
OLDER = re.findall(r"^\| `(/.*?)` \| (.*?) \| (.*?) ?\|$", DOCUMENT.read_text(), re.MULTILINE)
SHORT_TEXT = "It was not good."
MASKED = "The [MASK] was not [MASK]."
SENTENCES = "\n".join(f"Film {number} was good." for number in range(60))
# Pairs of checkpoints that are not here; a measure and a corpus that take minutes.
NOT_CHANGED = {"pair", "teacher", "student", "task", "steady", "on"}


@pytest.mark.parametrize(("link", "title", "tab"), OLDER)
def test_an_older_link_opens_what_the_document_says(page: Page, link: str, title: str, tab: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    wait_until_idle(page)
    if tab:
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")


def test_the_document_has_every_older_name() -> None:
    said = [pair for link, _, _ in OLDER for pair in parse_qsl(urlsplit(link).query)]
    values = {slug(value) for _, value in said}
    assert {older for names in RENAMED.values() for older in names} <= values
    assert {older for key, older in OLDER_KEYS.items() if key in TABS} <= {key for key, _ in said}
    assert {key for implied in IMPLIED.values() for key in implied} & {key for key, _ in said}


def test_an_unknown_value_is_told(page: Page) -> None:
    open_page(page, "attention", tab="no-such-tab", task="sentiment")
    expect(page.get_by_text("The address says tab=no-such-tab, which is not known here")).to_be_visible()
    expect(page.get_by_role("tab", name="All heads")).to_have_attribute("aria-selected", "true")


def test_back_and_forward_lead_over_page_tab_task_and_text(page: Page, record: Record) -> None:
    open_page(page, task="sentiment")
    steps: list[tuple[str, Callable[[], object]]] = [
        ("text", lambda: ask(page, SHORT_TEXT)),
        ("page", lambda: visit(page, "Attention")),
        ("head", lambda: choose_another(page.locator(".st-key-student_head"))),
        ("tab", page.get_by_role("tab", name="What heads do").click),
        ("task", lambda: choose_task(page, "Named entities")),
    ]
    seen = [state(page)]
    for _, act in steps:
        rerun(page, record, act)
        seen.append(state(page))
    assert len(set(seen)) == len(seen)
    for before in reversed(seen[:-1]):
        rerun(page, record, page.go_back)
        assert state(page) == before
    for after in seen[1:]:
        rerun(page, record, page.go_forward)
        assert state(page) == after


def test_a_long_text_leaves_the_address_and_its_link_opens_it(page: Page, record: Record, new_page: NewPage) -> None:
    text = " ".join(f"{number} films were good." for number in range(400))
    open_page(page, task="sentiment")
    rerun(page, record, lambda: ask(page, text))
    assert len(page.url) < 4_000
    rerun(page, record, page.get_by_role("button", name="Copy link").click)
    link = page.locator(".dl-link").inner_text()
    assert page.url.split("?")[0] == link.split("?")[0]
    other = new_page()
    other.goto(link)
    wait_until_idle(other)
    assert asked(other) == text


@pytest.mark.parametrize("length", [16_000, 40_000])
def test_an_address_of_16_kb_is_served_also_in_pieces(dashboard: str, length: int) -> None:
    host, port = dashboard.removeprefix("http://").split(":")
    line = f"GET /attention?text={'a' * length} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        for start in range(0, len(line), 1_000):
            try:
                connection.sendall(line[start : start + 1_000])
            except (BrokenPipeError, ConnectionResetError):  # refused before all of it was sent
                break
            sleep(0.005)
        status = connection.recv(12)
    assert status == (b"HTTP/1.1 200" if length == 16_000 else b"HTTP/1.1 400")


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("predictions", {"task": "fill-mask", "text": MASKED}),
        ("attention", {"task": "sentence-pair", "text": SHORT_TEXT, "text-pair": "It was bad."}),
        ("similarity", {"task": "fill-mask", "text": MASKED, "on": "my-own-lines", "lines": SENTENCES}),
        ("attributions", {"task": "sentiment", "text": SHORT_TEXT}),
        ("attributions", {"task": "fill-mask", "text": MASKED, "target": "other"}),
        ("latency", {"task": "sentiment", "text": SHORT_TEXT}),
        ("claims", {"task": "sentiment"}),
        ("models", {"task": "entities"}),
    ],
)
def test_a_link_brings_back_every_control(
    page: Page, record: Record, new_page: NewPage, path: str, query: dict[str, str]
) -> None:
    open_page(page, path, **query)
    changed: set[str] = set()
    for tab in tabs(page):
        if tab:
            open_tab(page, record, tab)
        while new := unchanged(page, changed | NOT_CHANGED):
            changed.add(new)
            print(f"{tab}: {new}")
            change(page, record, page.locator(f".st-key-{new}"))
    assert not (NOT_CHANGED - {"steady"}) & changed
    other = new_page()
    other_record = Record()
    other_record.follow(other)
    other.goto(page.url)
    wait_until_idle(other)
    for tab in tabs(page):
        if tab:
            open_tab(page, record, tab)
            open_tab(other, other_record, tab)
        fold_in(page)
        assert view(other) == view(page)


def tabs(page: Page) -> list[str | None]:
    """The page's tabs, the open one last, so that a click on each is a change; or None alone."""
    found = page.get_by_role("tab")
    names = [name.strip() for name in found.all_inner_texts()]
    opened = [tab.get_attribute("aria-selected") == "true" for tab in found.all()]
    return [name for _, name in sorted(zip(opened, names, strict=True), key=lambda pair: pair[0])] or [None]


def fold_in(page: Page) -> None:
    """Closes what a button has folded out, which lies over other things."""
    while page.get_by_test_id("stPopoverBody").count():
        page.keyboard.press("Escape")
        page.wait_for_timeout(200)


def open_tab(page: Page, record: Record, tab: str) -> None:
    fold_in(page)
    rerun(page, record, page.get_by_role("tab", name=tab, exact=True).click)


def shown_keys(page: Page) -> set[str]:
    return {key for key in KEYS if page.locator(f".st-key-{key}").is_visible()} - set(TABS) - {"text", "text_pair"}


def unchanged(page: Page, changed: set[str]) -> str | None:
    """A control that is still to be changed; those behind a button are folded out."""
    buttons = page.get_by_test_id("stPopoverButton")
    for fold in (None, *buttons.all()):
        if fold and fold.is_visible() and fold.get_attribute("aria-expanded") != "true":
            fold_in(page)
            fold.click()
            page.wait_for_timeout(300)  # it unfolds
        if new := sorted(shown_keys(page) - changed):
            return new[0]
    return None


def change(page: Page, record: Record, control: Locator) -> None:
    """Chooses something else in a control of any kind, if there is something else."""
    if control.get_by_role("combobox").count():
        if control.get_by_role("combobox").is_enabled():
            rerun(page, record, lambda: choose_another(control))
    elif control.get_by_role("radio").count():
        rerun(page, record, control.get_by_role("radio", checked=False).first.click)
    elif control.locator('input[type="checkbox"]').count():
        rerun(page, record, control.locator("label").first.click)
    elif control.get_by_role("slider").count():
        rerun(page, record, lambda: control.get_by_role("slider").press("ArrowLeft"))
    elif control.locator("textarea").count():
        control.locator("textarea").fill(SENTENCES.replace("good", "bad"))
        rerun(page, record, lambda: control.locator("textarea").press("Control+Enter"))
    elif control.locator("input").count():
        control.locator("input").fill("bad")
        rerun(page, record, lambda: control.locator("input").press("Enter"))


def choose_another(control: Locator) -> None:
    """The first option of a select box that is not chosen, if there is one."""
    another = control.page.get_by_role("option", selected=False).first
    while not another.is_visible():  # a page that is still moving takes the list back
        control.get_by_role("combobox").click()
        control.page.wait_for_timeout(500)
    another.click()


def choose_task(page: Page, title: str) -> None:
    page.locator(".st-key-settings button").first.click()
    page.locator(".st-key-task").get_by_role("combobox").click()
    page.get_by_role("option", name=title).click()


def state(page: Page) -> tuple[str, ...]:
    """Page, task, text, tab and head, as the reader sees them."""
    head = page.locator(".st-key-student_head")
    tab = page.locator('[role="tab"][aria-selected="true"]')
    return (
        page.get_by_role("heading").first.inner_text(),
        page.url.split("?")[0],
        page.locator(".st-key-settings button").first.inner_text().split("\n")[0],
        asked(page),
        tab.inner_text() if tab.count() else "",
        head.locator("input").input_value() if head.count() else "",
    )


def view(page: Page) -> tuple[str, list[str]]:
    """What a page says, and the values of its controls."""
    said = (
        page.locator('[data-testid="stMain"]').inner_text().replace("⋯", "")
    )  # the figures' menus come a moment later
    values = page.locator("input, textarea").evaluate_all("them => them.map(it => it.value + it.checked)")
    return re.sub(r"\s+", " ", said), values
