"""The page on the experiment in a real browser: every plot drawn, no tab wider than the screen or longer than three."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from analysis.models.pairs import PAIRS
from dashboard.address_keys import TABS
from tests.browser.browsing import Record, open_page, rerun

MAIN = '[data-testid="stMain"]'
PLOTS = {"what-was-kept": 1, "scores": 2, "same-answers": 2, "training": 2, "recipe-and-limits": 0}
THREE_SCREENS_PX = 3 * 720


@pytest.mark.parametrize("tab", TABS["distillation_tab"])
def test_each_tab_is_drawn_with_its_plots_within_three_screens(page: Page, tab: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, "distillation", task="sentiment", tab=tab)
    expect(page.locator(".dl-problem")).to_have_count(0)
    plots = page.locator(f"{MAIN} .js-plotly-plot:visible")
    expect(plots).to_have_count(PLOTS[tab])
    assert all(plot.locator(".trace").count() for plot in plots.all())
    assert page.locator(MAIN).evaluate("element => element.scrollHeight") <= THREE_SCREENS_PX


def test_what_is_folded_fits_a_telephone_in_the_dark(new_page: Callable[..., Page], record: Record) -> None:
    narrow = new_page(scheme="dark", width=390)
    open_page(narrow, "distillation", tab="training")
    for folded in ("How the teacher learned before", "How both learned the tasks"):
        rerun(narrow, record, narrow.get_by_text(folded).click)
    plots = narrow.locator(f"{MAIN} .js-plotly-plot:visible")
    expect(plots).to_have_count(PLOTS["training"] + 1 + 4)
    assert narrow.locator(MAIN).evaluate("element => element.scrollWidth - element.clientWidth") <= 0


def test_the_three_losses_are_three_panels(page: Page) -> None:
    open_page(page, "distillation", tab="training")
    expect(page.get_by_role("heading", name="How the student learned: its three losses")).to_be_visible()
    for title in ("Distillation (soft cross-entropy)", "Masked language", "Cosine of the last hidden states"):
        expect(page.locator(".annotation-text", has_text=title)).to_have_count(1)


def test_each_plot_has_a_table_beside_it(page: Page) -> None:
    open_page(page, "distillation")
    tables = page.locator(f"{MAIN} .dl-table")
    page.get_by_text("Data table", exact=True).click()
    expect(tables.first).to_be_visible()
    expect(tables.first.locator("tr").first).to_contain_text("Kept [interval]")


def test_it_is_about_the_embedded_pair_whichever_is_chosen(page: Page, new_page: Callable[..., Page]) -> None:
    open_page(page, "distillation")
    other = new_page()
    open_page(other, "distillation", pair=PAIRS["architecture"].title)
    expect(other.locator(".dl-answer").first).to_have_text("random weights")
    said = lost(page)
    assert said
    assert lost(other) == said


def lost(page: Page) -> list[str]:
    return page.locator(f"{MAIN} p", has_text="where the teacher has").all_inner_texts()
