"""The claims page in a real browser: other pairs get other verdicts, drawings fit, all numbers can be kept."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from analysis.claims.statements.table import CLAIMS
from analysis.models.pairs import PAIRS
from tests.browser.browsing import Record, open_page, rerun
from tests.browser.conftest import NewPage

MAIN = '[data-testid="stMain"]'


def verdicts(page: Page) -> dict[str, str]:
    """The word beside each title."""
    cards = page.locator(".dl-claim")
    expect(cards).to_have_count(len(CLAIMS))
    return {card.locator("h3").inner_text(): card.locator(".dl-verdict").first.inner_text()[2:] for card in cards.all()}


def test_speed_is_measured_and_all_lines_are_kept_as_csv(page: Page, record: Record, tmp_path: Path) -> None:
    open_page(page, "claims", task="Sentiment")
    before = verdicts(page)
    assert before["60% faster"] == "not measured yet"
    rerun(page, record, page.get_by_role("button", name="Measure the speed").click)
    expect(page.locator(".dl-problem")).to_have_count(0)
    expect(page.locator(".dl-claim", has_text="60% faster").first).not_to_contain_text("Not measured yet")
    rerun(page, record, page.get_by_text("Data table").click)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    download.value.save_as(tmp_path / "claims.csv")
    lines = (tmp_path / "claims.csv").read_text().splitlines()
    assert len(lines) == 1 + page.locator(".dl-line").count()
    assert lines[0].startswith("Claim,Verdict on the claim,Meaning,Verdict,Unit,Measured here,Low,High")


def test_cards_fit_a_narrow_dark_screen_and_random_weights_get_verdicts_of_their_own(new_page: NewPage) -> None:
    narrow = new_page(scheme="dark", width=390)
    open_page(narrow, "claims", task="Sentiment", pair=PAIRS["architecture"].title)
    found = verdicts(narrow)
    assert found["Fewer attention heads"] == found["Fewer hidden units"] == "does not hold"
    assert found["A triple loss"] == "not measurable here"
    assert narrow.locator(MAIN).evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    dots = narrow.locator(".dl-gauge .dl-dot")
    assert dots.count() > 3
    for gauge in narrow.locator(".dl-gauge:has(.dl-dot)").all():
        outer, inner = gauge.bounding_box(), gauge.locator(".dl-dot").bounding_box()
        assert outer is not None
        assert inner is not None
        assert outer["x"] - 5 <= inner["x"] <= outer["x"] + outer["width"]
    assert re.fullmatch("https://arxiv.org/.*", narrow.locator(".dl-claim a").first.get_attribute("href") or "")
