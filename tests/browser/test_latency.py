"""The latency page in a real browser: measuring can be stopped and keeps what it has; curves and tables agree."""

import csv
import json
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import PATIENCE_MS, Record, open_page, rerun, saved, wait_until_idle
from tests.browser.conftest import NewPage

MEASURING_MS = 4 * PATIENCE_MS  # a full sweep, on a busy machine
STOPPED = re.compile(r"^Stopped after ([\d,]+) of 1,000 rounds")
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}
TIMES = """figure => figure.calcdata.slice(0, 3).map(row => row.map(point => point.x))"""
CURVES = """figure => figure.data.map(trace => [trace.name, Array.from(trace.y)])"""
# The contrast of each curve's stroke with the ground of the page, as WCAG 2.2 defines it.
CONTRASTS = """figure => {
    const parts = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const luminance = colour => {
        const [red, green, blue] = parts(colour).map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ground = getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor;
    return [...figure.querySelectorAll('.scatterlayer .js-line')].map(line => {
        const pair = [getComputedStyle(line).stroke, ground].map(luminance).sort((a, b) => b - a);
        return (pair[0] + 0.05) / (pair[1] + 0.05);
    });
}"""


def start(page: Page, name: str) -> Locator:
    """Presses the button, and gives the one that is there when all is measured."""
    page.get_by_role("button", name=name).click()
    return page.get_by_role("button", name=f"{name} again").and_(page.locator(":enabled"))


def test_stopped_half_way_the_result_is_kept(page: Page, tmp_path: Path) -> None:
    open_page(page, "latency", task="Sentiment", latency_rounds="1000")
    expect(page.get_by_text("Shipped with the pair")).to_be_visible()  # nothing is measured by itself
    start(page, "Measure this text")
    expect(page.get_by_text(re.compile(r"^[1-9]\d?% measured, about \d+ (s|min) left"))).to_be_visible(
        timeout=PATIENCE_MS
    )
    page.get_by_role("button", name="Stop and keep").click()  # in the midst of the run that measures
    note = page.locator(".dl-note").filter(has_text=STOPPED)
    expect(note).to_be_visible(timeout=PATIENCE_MS)
    wait_until_idle(page)
    found = STOPPED.match(note.inner_text())
    assert found
    rounds = int(found[1].replace(",", ""))
    drawn = page.locator(".js-plotly-plot").first.evaluate(
        "figure => figure.calcdata.slice(0, 3).map(row => row.length)"
    )
    assert drawn == [rounds] * 3
    download = saved(page, "Save everything as JSON")
    download.save_as(tmp_path / "profile.json")
    profile = json.loads((tmp_path / "profile.json").read_text())
    assert {len(times) for times in profile["samples_ms"].values()} == {rounds} == {profile["rounds"]}
    assert profile["rounds_asked"] == 1000


def test_curves_are_readable_in_both_themes_and_the_csv_holds_the_drawn_points(
    page: Page, record: Record, tmp_path: Path
) -> None:
    open_page(page, "latency", task="Sentiment", latency_rounds="20", latency_what="Length")
    start(page, "Measure by length").wait_for(timeout=MEASURING_MS)
    wait_until_idle(page)
    figure = page.locator(".js-plotly-plot").first
    for scheme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
        contrasts = figure.evaluate(CONTRASTS)
        assert len(contrasts) == 6, scheme
        assert min(contrasts) >= 3, scheme
    curves = dict(figure.evaluate(CURVES))
    rerun(page, record, page.get_by_text("Data table").click)
    download = saved(page, "Save as CSV")
    download.save_as(tmp_path / "curves.csv")
    rows = list(csv.DictReader((tmp_path / "curves.csv").read_text().splitlines()))
    assert [row["Length (tokens)"] for row in rows] == ["8", "16", "32", "64", "128", "256", "512"]
    for name, values in curves.items():
        column = name if name in rows[0] else f"{name} (ms)"
        assert [float(row[column]) for row in rows] == [round(value, 6) for value in values], name


def test_a_copied_link_shows_what_was_measured_in_a_fresh_browser(
    page: Page, record: Record, new_page: NewPage
) -> None:
    open_page(page, "latency", task="sentiment", rounds="20")
    start(page, "Measure this text").wait_for(timeout=MEASURING_MS)
    wait_until_idle(page)
    rerun(page, record, page.get_by_role("button", name="Copy link").click)
    link = page.locator(".dl-link").inner_text()
    expect(page.get_by_text("Measured times are kept on this server")).to_be_visible()
    other = new_page(scheme="dark", width=390)
    other.goto(link)
    wait_until_idle(other)
    expect(other.get_by_role("button", name="Measure this text here")).to_be_visible()
    expect(other.get_by_text(re.compile(r"^Measured on .+, \d+ cores?, \d+ [A-Z][a-z]+ \d{4}\.$"))).to_be_visible()
    told = [one.get_by_text(re.compile("begun .* UTC$")).inner_text() for one in (page, other)]
    assert told[0] == told[1]
    times = [one.locator(".js-plotly-plot").first.evaluate(TIMES) for one in (page, other)]
    assert times[0] == times[1]
    assert [len(row) for row in times[0]] == [20] * 3
