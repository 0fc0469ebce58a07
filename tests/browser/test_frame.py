"""The frame and the pages in a real browser: drawn, shareable, and never fooled by what is typed."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from dashboard.page_list import PAGES, PageEntry
from dashboard.start.disagreement_cards import CARDS
from tests.browser.browsing import Record, ask, asked, open_page, rerun, visit, wait_until_idle

HOSTILE = "<script>alert(1)</script> </script><img src=x onerror=alert(1)> :red[x] $x$ [a](http://example.org) [MASK]"
NewPage = Callable[..., Page]
START = 2 * (1 + CARDS)  # answers of both models on the page that shows some without a bench


def answers(page: Page) -> list[str]:
    return page.locator(".dl-answer").all_inner_texts()


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_each_page_is_drawn_within_its_width(any_page: Page, entry: PageEntry) -> None:
    open_page(any_page, entry.path)
    expect(any_page.locator(".dl-answer")).to_have_count(2 if entry.bench else START if not entry.path else 0)
    expect(any_page.locator("h1")).to_have_count(1)
    assert all(answers(any_page))
    main = any_page.locator('[data-testid="stMain"]')
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0


def test_charts_have_bars_of_both_models(any_page: Page) -> None:
    open_page(any_page, task="Sentiment")
    expect(any_page.locator(".js-plotly-plot")).to_have_count(2)
    expect(any_page.locator(".js-plotly-plot").first.locator(".trace.bars")).to_have_count(2)
    assert any_page.locator(".js-plotly-plot .bartext").count() >= 8


@pytest.mark.parametrize("entry", [entry for entry in PAGES if entry.bench], ids=lambda entry: entry.title)
def test_text_appears_as_typed(page: Page, record: Record, entry: PageEntry) -> None:
    open_page(page, entry.path)
    rerun(page, record, lambda: ask(page, HOSTILE))
    expect(page.locator(".dl-problem")).to_have_count(0)
    if page.locator(".dl-text").count():
        assert page.locator(".dl-text").first.inner_text() == HOSTILE
    assert page.locator("main img, section img, .katex").count() == 0


def test_a_copied_link_reproduces_the_view(page: Page, record: Record, new_page: NewPage) -> None:
    open_page(page, task="Sentiment")
    rerun(page, record, lambda: ask(page, "A strange & wonderful film, 100 % worth it."))
    friend = new_page()
    friend.goto(page.url)
    expect(friend.locator(".dl-answer").first).to_have_text(answers(page)[0])
    wait_until_idle(friend)
    assert answers(friend) == answers(page)
    assert asked(friend) == "A strange & wonderful film, 100 % worth it."


def test_the_question_goes_along_to_another_page_and_back(page: Page, record: Record) -> None:
    open_page(page, task="Sentiment")
    rerun(page, record, lambda: ask(page, "A dull film."))
    said = answers(page)
    rerun(page, record, lambda: visit(page, "Models"))
    assert answers(page) == said
    rerun(page, record, lambda: visit(page, "Predictions"))
    assert answers(page) == said
    assert asked(page) == "A dull film."


def test_what_is_only_looked_at_stays_as_it_was_chosen(page: Page, record: Record) -> None:
    open_page(page, "attention", task="sentence-pair", text="It rained.", text_pair="It was wet.", unit="tokens")
    rerun(page, record, page.get_by_role("tab", name="Compare two heads").click)
    before = parse_qs(urlsplit(page.url).query)
    for button in ("Sentence pair", "Tokens"):  # unfolded only now, after a run that told them nothing new
        page.get_by_role("button", name=button).click()
        page.get_by_test_id("stPopoverBody").wait_for()
        page.keyboard.press("Escape")
    rerun(page, record, page.get_by_role("tab", name="All heads").click)
    assert parse_qs(urlsplit(page.url).query) == {key: said for key, said in before.items() if key != "tab"}
    assert before["unit"] == ["tokens"]


def test_a_bad_text_is_one_sentence_and_nothing_is_lost(page: Page, record: Record) -> None:
    open_page(page)
    rerun(page, record, lambda: ask(page, "No mask in here"))
    expect(page.get_by_role("alert").filter(has_text="has no [MASK]")).to_have_count(1)
    assert page.locator(".js-plotly-plot").count() == 1
    assert asked(page) == "No mask in here"
    rerun(page, record, page.get_by_role("button", name="Put [MASK]").click)
    assert asked(page) == "No mask in [MASK]"
    assert page.locator(".dl-problem").count() == 0


def test_tokens_unfold(page: Page) -> None:
    open_page(page)
    page.get_by_text("Tokens", exact=True).click()
    expect(page.locator(".dl-token").first).to_be_visible()
    assert page.locator(".dl-token").first.inner_text() == "[CLS]"


def test_the_server_says_when_it_is_ready_and_sets_its_headers(page: Page, dashboard: str) -> None:
    open_page(page)
    with urlopen(f"{dashboard}/readyz") as response:
        assert json.load(response)["status"] == "ready"
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
