"""Figures in a real browser: text that can be read in both themes, and a menu on each."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from dashboard.ui.figure_menu import MENU
from tests.browser.browsing import Record, box_of, open_page, rerun, wait
from tests.browser.conftest import NewPage
from tests.browser.test_latency import GROUNDS

READABLE = 4.5  # WCAG 2.2, 1.4.3
TEXTS = '.js-plotly-plot :is([class*="axislayer"], .legend, .infolayer) text, [data-testid="stCaptionContainer"] p'
# Each text's size in px and its contrast with the page's ground, as WCAG 2.2 defines it; opacities count.
LOOKS = """texts => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const luminance = colour => {
        const [red, green, blue] = colour.map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ground = parts(getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor).slice(0, 3);
    return texts.filter(text => text.checkVisibility()).map(text => {
        const style = getComputedStyle(text), colour = text.localName === 'text' ? style.fill : style.color;
        const [red, green, blue, alpha = 1] = parts(colour);
        let seen = alpha;
        for (let at = text; at; at = at.parentElement) seen *= Number(getComputedStyle(at).opacity);
        const mixed = [red, green, blue].map((part, place) => seen * part + (1 - seen) * ground[place]);
        const [light, dark] = [mixed, ground].map(luminance).sort((a, b) => b - a);
        return [text.textContent, parseFloat(style.fontSize), (light + 0.05) / (dark + 0.05)];
    });
}"""


@pytest.mark.parametrize("part", ["All heads", "What heads do"])
def test_ticks_legends_and_captions_can_be_read_in_both_themes(page: Page, part: str) -> None:
    open_page(page, "attention", part=part)
    for scheme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
        wait(page, lambda: page.locator(TEXTS).count() > 10, "its figures are drawn again in this theme's colours")
        looks = page.locator(TEXTS).evaluate_all(LOOKS)
        assert [look for look in looks if look[1] < 14 or look[2] < READABLE] == [], scheme


@pytest.mark.parametrize(("kind", "begin"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_the_menu_saves_a_figure(page: Page, kind: str, begin: bytes, tmp_path: Path) -> None:
    open_page(page, "predictions", task="Sentiment")
    page.get_by_label(MENU).first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save as {kind}").click()
    assert download.value.suggested_filename == f"distillens-probabilities.{kind.lower()}"
    download.value.save_as(tmp_path / "figure")
    assert (tmp_path / "figure").read_bytes().startswith(begin)


def test_two_figures_fill_the_screen_together_in_type_for_a_class(page: Page) -> None:
    open_page(page, "attention")
    mosaics = page.locator(".js-plotly-plot")
    page.get_by_label(MENU).first.click()
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement")
    seen = page.evaluate("document.fullscreenElement.querySelectorAll('.js-plotly-plot').length")
    assert seen == mosaics.count() == 4
    sizes = "document.fullscreenElement.querySelector('.xtick text').getBoundingClientRect().height"
    assert page.evaluate(sizes) >= 20
    tile = mosaics.first.locator(".xtick text").nth(4)
    box = box_of(mosaics.first.locator(".nsewdrag"))
    assert tile.is_visible()
    page.mouse.move(box["x"] + box["width"] * 6.5 / 12, box["y"] + box["height"] * 2.5 / 12)
    expect(mosaics.first.locator(".hoverlayer")).to_contain_text("layer 3, head 7")


def test_the_menu_opens_the_numbers_and_escape_closes_it(page: Page, record: Record) -> None:
    open_page(page, "attention", part="What heads do")
    page.get_by_label(MENU).first.click()
    item = page.get_by_role("button", name="Show the data")
    expect(item).to_be_visible()
    page.keyboard.press("Escape")
    expect(item).not_to_be_visible()
    page.get_by_label(MENU).first.press("Enter")
    rerun(page, record, item.click)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_a_finger_scrolls_the_page_over_a_figure_and_opens_what_it_taps(new_page: NewPage, record: Record) -> None:
    page = new_page(width=390, touch=True)
    open_page(page, "attention", task="Sentiment")
    heads = page.locator(".stPlotlyChart").first
    expect(page.locator(".dl-figure-menu").first).to_be_attached()
    plot = box_of(heads.locator(".nsewdrag").first)
    middle = {"x": plot["x"] + plot["width"] / 2, "y": plot["y"] + plot["height"] / 2}
    rerun(page, record, lambda: page.touchscreen.tap(middle["x"], middle["y"]))
    assert parse_qs(urlsplit(page.url).query)["teacher-head"][0].startswith(("6.", "7."))  # of 12 layers
    main = page.get_by_test_id("stMain")
    main.evaluate("main => { main.scrollTop = 0; }")
    swipe(page, middle["x"], middle["y"], upward=250)
    wait(page, lambda: main.evaluate("main => main.scrollTop") > 100, "The page does not scroll.")


def swipe(page: Page, x: float, y: float, upward: float) -> None:
    """Moves a finger, from there, in steps that no browser takes for a tap."""
    touch = page.context.new_cdp_session(page)
    for kind, moved in (("touchStart", 0.0), *(("touchMove", upward * step / 10) for step in range(1, 11))):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y - moved}]})
        page.wait_for_timeout(16)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
