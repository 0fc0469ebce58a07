"""The claims page in a real browser: lines that open, a filter, other pairs' verdicts, numbers that can be kept."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from analysis.claims.statements.table import CLAIMS
from analysis.models.pairs import PAIRS
from dashboard.address_keys import slug
from tests.browser.browsing import Record, box_of, open_page, rerun, saved
from tests.browser.conftest import NewPage

MAIN = '[data-testid="stMain"]'
THREE_SCREENS_PX = 3 * 720


def verdicts(page: Page) -> dict[str, str]:
    """The word beside each title."""
    lines = page.locator(".dl-claim")
    expect(lines).to_have_count(len(CLAIMS))
    return {line.locator("h3").inner_text(): line.locator(".dl-verdict").first.inner_text()[2:] for line in lines.all()}


def filter_by(page: Page, verdict: str) -> Locator:
    return page.locator(".st-key-verdict").get_by_role("radio", name=re.compile(rf"\W*{verdict} \d+"))


def test_twelve_lines_fit_three_screens_and_open_by_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, "claims", task="Sentiment")
    assert len(verdicts(page)) == 12
    assert page.locator(MAIN).evaluate("element => element.scrollHeight") <= THREE_SCREENS_PX
    body = page.locator(".dl-claim-body").first
    expect(body).to_be_hidden()
    page.locator(".dl-claim summary").first.press("Enter")
    expect(body).to_be_visible()
    expect(body).to_contain_text("parameters without the task head")


def test_speed_is_measured_and_all_lines_are_kept_as_csv(page: Page, record: Record, tmp_path: Path) -> None:
    open_page(page, "claims", task="Sentiment")
    judged = verdicts(page)["60% faster"]  # with the speed that ships with the pair
    assert judged != "not measured yet"
    rerun(page, record, filter_by(page, judged).click)
    expect(page.locator(".dl-claim h3").filter(has_text="60% faster")).to_be_visible()
    assert f"verdict={slug(judged)}" in page.url
    rerun(page, record, filter_by(page, "all").click)
    assert "verdict" not in page.url
    rerun(page, record, page.get_by_role("button", name="Measure the speed").click)
    expect(page.locator(".dl-problem")).to_have_count(0)
    assert verdicts(page)["60% faster"] != "not measured yet"
    rerun(page, record, page.get_by_text("Data table").click)
    download = saved(page, "Save as CSV")
    download.save_as(tmp_path / "claims.csv")
    lines = (tmp_path / "claims.csv").read_text().splitlines()
    assert len(lines) == 1 + page.locator(".dl-line").count()
    assert lines[0].startswith("Claim,Verdict on the claim,Meaning,Verdict,Unit,Measured here,Low,High")


def test_lines_fit_a_narrow_dark_screen_and_random_weights_get_verdicts_of_their_own(new_page: NewPage) -> None:
    narrow = new_page(scheme="dark", width=390)
    open_page(narrow, "claims", task="Sentiment", pair=PAIRS["architecture"].title)
    found = verdicts(narrow)
    assert found["Fewer attention heads"] == found["Fewer hidden units"] == "does not hold"
    assert found["A triple loss"] == "not measurable here"
    narrow.locator(".dl-claim").evaluate_all("claims => claims.forEach(claim => claim.open = true)")
    assert narrow.locator(MAIN).evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    dots = narrow.locator(".dl-gauge .dl-dot")
    assert dots.count() > 3
    for gauge in narrow.locator(".dl-gauge:has(.dl-dot)").all():
        outer, inner = box_of(gauge), box_of(gauge.locator(".dl-dot"))
        assert outer["x"] - 5 <= inner["x"] <= outer["x"] + outer["width"]
    assert re.fullmatch("https://arxiv.org/.*", narrow.locator(".dl-claim a").first.get_attribute("href") or "")
