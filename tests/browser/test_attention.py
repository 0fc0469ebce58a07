"""The attention page in a real browser: heads can be clicked, and BertViz draws twice on one page."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from dashboard.attention.tabs import TABS
from tests.browser.browsing import Record, open_page, rerun, saved

# Where on the page a point of a Plotly figure is drawn.
PLACE = """(figure, [x, y]) => {
    const box = figure.getBoundingClientRect(), {xaxis, yaxis} = figure._fullLayout;
    return [box.x + xaxis._offset + xaxis.l2p(x), box.y + yaxis._offset + yaxis.l2p(y)];
}"""


def test_a_clicked_head_is_shown_beside(page: Page, record: Record) -> None:
    open_page(page, "attention")
    mosaic = page.locator(".js-plotly-plot").first
    mosaic.scroll_into_view_if_needed()
    x, y = mosaic.evaluate(PLACE, [7, 3])
    page.mouse.move(x, y)
    rerun(page, record, lambda: page.mouse.click(x, y))
    expect(page.get_by_text("Teacher, layer 3, head 7")).to_be_visible()
    assert "teacher-head=3.7" in page.url


def test_the_best_match_is_one_click_away(page: Page, record: Record) -> None:
    open_page(page, "attention", tab="compare-two-heads", teacher_head="3.7")
    rerun(page, record, page.get_by_role("button", name="Find the most similar student head").click)
    layer, head = parse_qs(urlsplit(page.url).query)["student-head"][0].split(".")
    expect(page.get_by_text(f"Student, layer {layer}, head {head}")).to_be_visible()


def test_a_clicked_dot_opens_its_head(page: Page, record: Record) -> None:
    open_page(page, "attention", part="What heads do")
    scatter = page.locator(".js-plotly-plot").last
    scatter.scroll_into_view_if_needed()
    place = scatter.evaluate("figure => [figure.calcdata[1][30].x, figure.calcdata[1][30].y]")
    number = scatter.evaluate("figure => figure.data[1].customdata[30][3]")
    x, y = scatter.evaluate(PLACE, place)
    page.mouse.move(x, y)
    rerun(page, record, lambda: page.mouse.click(x, y))
    layer, head = number.split(".")
    expect(page.get_by_text(f"Student, layer {layer}, head {head}")).to_be_visible()


def test_bertviz_draws_both_models_and_asks_nobody(page: Page) -> None:
    open_page(page, "attention", part="BertViz", teacher_head="11.3", student_head="6.2")
    frames = page.locator("iframe")
    expect(frames).to_have_count(2)
    for index in range(2):
        frames.nth(index).scroll_into_view_if_needed()
        expect(page.frame_locator("iframe").nth(index).locator("svg line").first).to_be_attached()


FIGURES = {"All heads": 4, "Compare two heads": 3, "Head matching": 3, "Ablate heads": 0, "BertViz": 0}


def test_the_page_and_all_its_parts_fit_each_width_in_both_themes(any_page: Page, record: Record) -> None:
    open_page(any_page, "attention", unit="Tokens", added="Dimmed")
    main = any_page.locator('[data-testid="stMain"]')
    for part in reversed(TABS):
        rerun(any_page, record, any_page.get_by_role("tab", name=part).click)
        expect(any_page.locator(".dl-problem")).to_have_count(0)
        assert any_page.locator(".js-plotly-plot").count() >= FIGURES.get(part, 1), part
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0, part


def test_the_weights_are_saved_as_csv(page: Page, record: Record) -> None:
    open_page(page, "attention", tab="compare-two-heads", text="The children [MASK] playing in the garden.")
    rerun(page, record, page.get_by_text("Data table").click)
    download = saved(page, "Save as CSV")
    header, first, *rest = Path(download.path()).read_text(encoding="utf-8").splitlines()
    assert header == "Model,From,To,Weight"
    assert first.startswith("Teacher,1 [CLS],1 [CLS],")
    assert len(rest) + 1 == 2 * 10**2  # both models, ten words
