"""The similarity page in a real browser: hovering tells the numbers, clicking opens two layers' words."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Record, open_page, rerun, saved
from tests.browser.test_attention import PLACE

# Where the line between the two rings begins and ends, on the page.
ENDS = """path => {
    const [line] = path.getAttribute("d").match(/M[^M]*/), {x, y} = path.ownerSVGElement.getBoundingClientRect();
    const ends = line.slice(1).split("L").map(end => end.split(",").map(Number));
    return ends.map(([across, down]) => [x + across, y + down]);
}"""
TABS = ("Layer by layer", "Within each model", "Word drift", "Logit lens", "Fine-tuning")


def to_cell(page: Page, student: int, teacher: int) -> tuple[float, float]:
    """Moves the mouse onto a cell of the map of layers, and says where that is."""
    figure = page.locator(".js-plotly-plot").first
    figure.scroll_into_view_if_needed()
    x, y = figure.evaluate(PLACE, [student, teacher])
    page.mouse.move(x, y)
    return x, y


def test_a_hover_tells_value_interval_null_and_n(page: Page) -> None:
    open_page(page, "similarity", on="This text alone", task="Sentiment", text=TEXT)
    to_cell(page, 3, 5)
    label = page.locator(".hoverlayer .hovertext").first
    expect(label).to_contain_text("Teacher 5, Student 3")
    expect(label).to_contain_text(re.compile(r"CKA -?\d\.\d{3} \[.*\].*null .*n = 23 examples$"))


def test_a_clicked_cell_opens_the_words_of_its_layers_and_a_hover_rings_both_ends(page: Page, record: Record) -> None:
    open_page(page, "similarity", on="This text alone", task="Sentiment", text=TEXT)
    x, y = to_cell(page, 2, 4)
    rerun(page, record, lambda: page.mouse.click(x, y))
    for side, layer in (("Teacher", "4"), ("Student", "2")):
        expect(page.get_by_role("slider", name=f"{side} layer")).to_have_value(layer)
    plane = page.locator(".st-key-plane-of-words .js-plotly-plot")
    plane.scroll_into_view_if_needed()
    expect(plane.locator(".dl-linked")).to_have_count(1)
    _, *words = plane.evaluate("figure => figure.data.map(trace => trace.customdata?.at(0))")
    student, teacher = (plane.evaluate(PLACE, word[:2]) for word in words)  # each tells where the other is
    page.mouse.move(*teacher)
    expect(plane.locator(".dl-linked")).to_have_attribute("d", re.compile("^M"))
    ends = plane.locator(".dl-linked").evaluate(ENDS)
    assert ends == [pytest.approx(teacher, abs=1), pytest.approx(student, abs=1)]


def test_the_map_can_be_saved_as_a_table(page: Page, record: Record, tmp_path: Path) -> None:
    open_page(page, "similarity", on="This text alone", task="Sentiment", text=TEXT)
    rerun(page, record, page.get_by_text("Data table").click)
    download = saved(page, "Save as CSV")
    download.save_as(tmp_path / "layers.csv")
    lines = (tmp_path / "layers.csv").read_text().splitlines()
    assert len(lines) == 1 + 13 * 7
    assert lines[0].startswith("Teacher layer,Student layer,Similarity")


@pytest.mark.parametrize("task", ["Sentiment", "Fill-mask"])
def test_every_tab_fits_each_width_in_both_themes(any_page: Page, record: Record, task: str) -> None:
    open_page(any_page, "similarity", task=task)
    main = any_page.locator('[data-testid="stMain"]')
    for tab in reversed(TABS):
        rerun(any_page, record, any_page.get_by_role("tab", name=tab).click)
        expect(any_page.locator(".dl-problem")).to_have_count(0)
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0, tab
    expect(any_page.locator(".js-plotly-plot").first).to_be_attached()


TEXT = "It promises wit, charm and suspense, and delivers none of them; yet I enjoyed nearly every minute of it."
