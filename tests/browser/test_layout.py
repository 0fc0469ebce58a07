"""What a reader sees without scrolling, on a screen of 1280 x 720, and how far a keyboard has to go."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dashboard.page_list import PAGES, PageEntry
from tests.browser.browsing import Record, box_of, open_page, rerun
from tests.browser.conftest import NewPage

WIDE, TALL = 1280, 720
FIRST, TABS, SCREENS = 260, 160, 3  # pixels from the top, and the height of a page in screens
SHOWN = ".stPlotlyChart, .dl-note, .dl-finding, .dl-text, .dl-table, .dl-claim, [data-testid='stDataFrame'], .dl-hero"
TOP = "them => Math.min(...them.filter(it => it.checkVisibility()).map(it => it.getBoundingClientRect().top))"

# The words of tables, which may be parted behind a slash or a hyphen, that stand on more than one line.
BROKEN = r"""() => [...document.querySelectorAll(".dl-table :is(th, td)")].flatMap((cell) => {
  const nodes = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [], range = document.createRange();
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    for (const word of node.data.matchAll(/[^\s\/-]+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word[0]);
    }
  }
  return broken;
})"""


@pytest.fixture
def screen(new_page: NewPage) -> Page:
    page = new_page(width=WIDE)
    page.set_viewport_size({"width": WIDE, "height": TALL})
    return page


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_the_first_result_is_in_sight_and_no_page_is_longer_than_three_screens(
    screen: Page, record: Record, entry: PageEntry
) -> None:
    open_page(screen, entry.path, **({"task": "sentiment"} if entry.bench else {}))
    assert screen.get_by_role("heading", level=1).count() == 1
    assert screen.title() == f"{entry.title} · DistilLens"
    tabs = screen.get_by_role("tab")
    if tabs.count():
        assert tabs.first.evaluate("tab => tab.getBoundingClientRect().top") <= TABS
    for name in tabs.all_inner_texts() or [""]:
        if name and screen.get_by_role("tab", name=name, exact=True).get_attribute("aria-selected") != "true":
            rerun(screen, record, screen.get_by_role("tab", name=name, exact=True).click)
        results = screen.locator('[data-testid="stMain"]').locator(SHOWN)
        if name in [*tabs.all_inner_texts()[:1], ""] and results.count():
            assert results.evaluate_all(TOP) <= FIRST, name
        height = screen.locator('[data-testid="stMain"]').evaluate("main => main.scrollHeight")
        assert height <= SCREENS * TALL, name


@pytest.mark.parametrize(
    ("path", "chosen"),
    [("models", {}), ("predictions", {"task": "entities"}), ("latency", {}), ("attention", {"tab": "ablate-heads"})],
)
def test_no_word_of_a_table_is_broken_on_a_telephone(new_page: NewPage, path: str, chosen: dict[str, str]) -> None:
    page = new_page(width=390, touch=True)
    open_page(page, path, **chosen)
    page.locator(".dl-table").first.wait_for()
    assert page.evaluate(BROKEN) == []


def test_the_answers_stay_in_sight_in_one_line(screen: Page) -> None:
    open_page(screen, "attention", task="sentiment")
    screen.mouse.move(WIDE / 2, TALL / 2)
    screen.mouse.wheel(0, TALL)
    screen.wait_for_timeout(500)
    box = box_of(screen.locator(".dl-both"))
    assert 0 <= box["y"] <= 100
    assert box["height"] <= 48


def test_a_keyboard_is_at_the_text_after_few_stops(screen: Page) -> None:
    open_page(screen, "attention", task="sentiment")
    stops = 0
    while not screen.evaluate("document.activeElement.classList.contains('dl-word')"):
        screen.keyboard.press("Tab")
        stops += 1
        assert stops <= 12
    expect(screen.locator(".modebar-btn:not([tabindex='-1'])")).to_have_count(0)  # once the figures are there
    screen.keyboard.press("ArrowRight")
    assert screen.evaluate("document.activeElement.textContent") == screen.locator(".dl-word").nth(1).inner_text()


@pytest.mark.parametrize("width", [390, 700, 1280])
def test_what_is_done_with_a_view_stands_beside_its_name_and_covers_nothing(new_page: NewPage, width: int) -> None:
    page = new_page(width=width)
    open_page(page, "attributions", task="entities")
    tools = box_of(page.locator(".st-key-heading_tools"))
    assert tools["x"] >= 0 and tools["x"] + tools["width"] <= width
    for other in (".dl-page", ".st-key-sample", ".st-key-bench"):
        box = box_of(page.locator(other))
        beside = box["x"] + box["width"] <= tools["x"] + 1 or box["x"] >= tools["x"] + tools["width"] - 1
        assert beside or box["y"] >= tools["y"] + tools["height"] - 1, other
    name = box_of(page.locator(".dl-page"))
    assert abs(name["y"] + name["height"] / 2 - tools["y"] - tools["height"] / 2) <= 6


def test_keys_write_and_list_themselves(screen: Page, record: Record) -> None:
    open_page(screen, "predictions", task="sentiment")
    screen.locator(".dl-word").first.wait_for()  # until the bench is there nothing listens
    screen.keyboard.press("?")
    expect(screen.get_by_role("dialog").locator("kbd")).to_have_text(["/", "n", "j", "k", "?"])
    screen.keyboard.press("Escape")
    before = screen.locator(".dl-words").inner_text()
    rerun(screen, record, lambda: screen.keyboard.press("n"))
    assert screen.locator(".dl-words").inner_text() != before
    screen.keyboard.press("/")
    screen.locator(".dl-field").fill("A dull film.")
    assert screen.get_by_text("Enter asks").is_visible()
    rerun(screen, record, lambda: screen.locator(".dl-field").press("Enter"))
    assert screen.locator(".dl-words").inner_text() == "A dull film."


def test_a_clicked_word_is_replaced_by_a_candidate_of_the_teacher(screen: Page, record: Record) -> None:
    open_page(screen, "predictions", task="sentiment", text="The film was good.")
    screen.locator(".dl-word", has_text="good").click()
    screen.locator(".dl-candidates").nth(1).wait_for()  # until the teacher has answered there are the actions alone
    candidate = screen.locator(".dl-candidates").first.get_by_role("button").first
    word = candidate.inner_text()
    rerun(screen, record, candidate.click)
    assert screen.locator(".dl-words").inner_text() == f"The film was {word}."
    assert screen.locator(".dl-who").first.inner_text().startswith("Teacher (BERT) · before:")
