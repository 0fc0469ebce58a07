"""Matched heads in a real browser: what is clicked in the matrix, the links or the table is looked at."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import Record, box_of, open_page, rerun

# Where on the page the last symbol of a figure is drawn that carries both heads, and which they are.
SYMBOL = """figure => {
    const box = figure.getBoundingClientRect(), layout = figure._fullLayout;
    const index = figure._fullData.findLastIndex(trace => trace.customdata?.[0]?.[0] && trace.customdata[0][1]);
    const trace = figure._fullData[index], point = figure.calcdata[index].at(-1);
    const x = layout.xaxis, y = layout[trace.yaxis.replace("y", "yaxis")];
    return {x: box.x + x._offset + x.l2p(point.x), y: box.y + y._offset + y.l2p(point.y),
            heads: trace.customdata.at(-1).slice(0, 2)};
}"""


def figure(page: Page, index: int) -> Locator:
    """The matrix (0) or the links (1)."""
    wanted = page.locator(".js-plotly-plot", has=page.locator(".legend", has_text="inherited")).nth(index)
    wanted.wait_for(state="attached")
    wanted.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # it may still be moving
    return wanted


@pytest.mark.parametrize("index", [0, 1], ids=["matrix", "links"])
@pytest.mark.parametrize("kind", ["Nearest", "One to one"])
def test_the_heads_of_a_clicked_symbol_are_compared(page: Page, record: Record, index: int, kind: str) -> None:
    open_page(page, "attention", tab="head-matching", matched_with=kind)
    found = figure(page, index).evaluate(SYMBOL)
    page.mouse.move(found["x"], found["y"])
    rerun(page, record, lambda: page.mouse.click(found["x"], found["y"]))
    teacher, student = found["heads"]
    layer, head = student.split(".")
    expect(page.get_by_text(f"Student, layer {layer}, head {head}")).to_be_visible()
    assert f"teacher-head={teacher}" in page.url
    assert f"student-head={student}" in page.url


def test_a_cell_says_which_heads_and_how_far(page: Page) -> None:
    open_page(page, "attention", tab="head-matching")
    matrix = figure(page, 0)
    box = box_of(matrix)
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 120)
    hover = matrix.locator(".hoverlayer text").first
    expect(hover).to_have_text(re.compile(r"student \d+\.\d+ – teacher \d+\.\d+, distance \d\.\d\d"))


def test_a_chosen_row_of_the_table_is_compared(page: Page, record: Record) -> None:
    open_page(page, "attention", tab="head-matching")
    page.get_by_text("Data table (tick a row").click()
    table = page.locator('[data-testid="stDataFrame"]:visible').first
    fifth_box = {"x": 12, "y": 35 + 5 * 35 - 17}
    rerun(page, record, lambda: table.click(position=fifth_box))  # waits until the table has stopped moving
    expect(page.get_by_text("Student, layer 1, head 5")).to_be_visible()


def test_the_panel_fits_each_width_in_both_themes(any_page: Page) -> None:
    open_page(any_page, "attention", tab="head-matching", matched_with="One to one")
    expect(any_page.locator("p", has_text="student heads still match the teacher head")).to_be_visible()
    main = any_page.locator('[data-testid="stMain"]')
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0


def test_the_corpus_is_read_when_asked_for(page: Page, record: Record) -> None:
    open_page(page, "attention", tab="head-matching")
    rerun(page, record, page.get_by_role("radio", name="Probe corpus").click)
    expect(page.get_by_role("radio", name="Probe corpus")).to_be_checked()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    assert "matched-on=probe-corpus" in page.url
