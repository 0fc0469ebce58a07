"""The page on the experiment in a real browser: every plot drawn, nothing wider than the screen."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from analysis.models.pairs import PAIRS
from tests.browser.browsing import open_page

MAIN = '[data-testid="stMain"]'


def test_the_page_is_drawn_with_its_plots_within_the_width(any_page: Page) -> None:
    open_page(any_page, "distillation")
    expect(any_page.locator(".dl-problem")).to_have_count(0)
    expect(any_page.get_by_role("heading", name="How the student learned: its three losses")).to_be_visible()
    plots = any_page.locator(f"{MAIN} .js-plotly-plot:visible")
    plots.last.wait_for(state="attached")
    assert plots.count() >= 6
    assert all(plot.locator(".trace").count() for plot in plots.all())
    main = any_page.locator(MAIN)
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0


def test_the_three_losses_are_three_panels(page: Page) -> None:
    open_page(page, "distillation")
    for title in ("Distillation (soft cross-entropy)", "Masked language", "Cosine of the last hidden states"):
        expect(page.locator(".annotation-text", has_text=title)).to_have_count(1)


def test_each_plot_has_a_table_beside_it(page: Page) -> None:
    open_page(page, "distillation")
    tables = page.locator(f"{MAIN} .dl-table")
    page.get_by_text("Data tables", exact=True).click()
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
