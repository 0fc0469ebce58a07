"""The attributions page in a real browser: another target, a word edited, and shares on hover are one move away."""

import csv
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from dashboard.attribution.tabs import TABS
from tests.browser.browsing import Record, asked, box_of, open_page, rerun, saved
from tests.support.tiny import EXAMPLES, tiny_checkpoint

HOSTILE = "<img src=x onerror=alert(1)>"
PRAISE = "A warm, funny and beautifully acted film."
NEWS = "Angela Merkel met the president of France in Berlin on Tuesday."


def choose(page: Page, label: str, option: str) -> None:
    """Types what to choose; the list would close again while the page is still moving."""
    box = page.get_by_label(label, exact=True)
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box.fill(option)
    box.press("Enter")


def word(page: Page, text: str, model: int = 0) -> Locator:
    """A word as it is tinted in the text of the teacher (0) or the student (1)."""
    return page.locator(".dl-text").nth(model).locator("span", has_text=text).first


def edit(page: Page, record: Record, name: str, action: str, to: str = "") -> None:
    """Chooses a word as the page names it, types what is to stand there, and presses a button."""
    choose(page, "Word", name)
    page.get_by_label("Replace with").fill(to)
    rerun(page, record, page.get_by_role("button", name=action, exact=True).click)


def test_another_target_and_an_edited_word_turn_the_words_around(page: Page, record: Record) -> None:
    open_page(page, "attributions", task="Sentiment", text=PRAISE)
    expect(page.get_by_text("Why “positive”?")).to_have_count(2)
    expect(word(page, "beautifully")).to_have_class("dl-for")
    assert (word(page, "beautifully").get_attribute("title") or "").startswith("+")
    rerun(page, record, lambda: choose(page, "Explain", "negative"))
    expect(page.get_by_text("Why “negative”?")).to_have_count(2)
    expect(word(page, "beautifully")).to_have_class("dl-against")
    assert "target=negative" in page.url
    bars = page.locator(".js-plotly-plot").first
    bars.scroll_into_view_if_needed()
    bars.locator(".point path").first.hover(force=True)
    expect(bars.locator(".hoverlayer text").first).to_contain_text("%")
    rerun(page, record, page.get_by_role("tab", name="Edit a word").click)
    edit(page, record, "6 beautifully", "Replace", "awfully")
    expect(page.get_by_text("The probability of “negative” goes from")).to_be_visible()
    expect(page.get_by_label("Replace with")).to_have_value("")
    expect(word(page, "awfully", model=1)).to_have_class("dl-for dl-framed")
    edit(page, record, "2 warm", "Replace")
    expect(page.get_by_role("alert").filter(has_text="Type what is to stand in the place of “warm”")).to_have_count(1)
    rerun(page, record, page.get_by_role("button", name="Delete", exact=True).click)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(2)
    rerun(page, record, page.get_by_role("button", name="Use this text everywhere").click)
    assert asked(page) == "A, funny and awfully acted film."


def test_enter_and_then_the_button_edit_a_word_once(page: Page, record: Record) -> None:
    open_page(page, "attributions", task="Sentiment", text=PRAISE, tab="edit-a-word")
    choose(page, "Word", "6 beautifully")
    page.get_by_label("Replace with").fill("awfully")
    rerun(page, record, lambda: page.get_by_label("Replace with").press("Enter"))
    rerun(page, record, page.get_by_role("button", name="Replace", exact=True).click)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(1)
    expect(page.locator(".dl-problem")).to_have_count(0)


def test_each_models_own_answer_is_explained_high_on_the_first_screen(page: Page, record: Record) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, "attributions", task="sentiment")
    for tab in reversed(TABS):  # the first is open
        rerun(page, record, page.get_by_role("tab", name=tab).click)
        main = page.locator('[data-testid="stMain"]')
        assert main.evaluate("element => element.scrollHeight") <= 3 * 720, tab
        expect(page.get_by_role("combobox", name="Explain")).to_have_value("Explain: each model's own answer")
    box = box_of(page.locator(".dl-text").first)
    assert box["y"] < 260


def test_every_part_fits_each_width_in_both_themes(any_page: Page, record: Record) -> None:
    open_page(any_page, "attributions", task="Named entities", text=NEWS)
    main = any_page.locator('[data-testid="stMain"]')
    for part in reversed(TABS):
        rerun(any_page, record, any_page.get_by_role("tab", name=part).click)
        if part == "Edit a word":
            edit(any_page, record, "1 Angela", "Replace", "Yesterday")
            expect(any_page.locator(".dl-framed")).to_have_count(4)
        expect(any_page.locator(".dl-problem")).to_have_count(0)
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0, part


def test_user_text_stays_text_here_and_in_what_is_saved(page: Page, record: Record) -> None:
    text = f"A {HOSTILE} film."
    open_page(page, "attributions", task="Sentiment", text=text)
    expect(page.locator(".dl-text").first).to_have_text(text)
    rerun(page, record, page.get_by_text("Data table").click)
    download = saved(page, "Save as CSV")
    with Path(download.path()).open(encoding="utf-8", newline="") as file:
        words = [row["Word"] for row in csv.DictReader(file)]
    assert "".join(words) == text.replace(" ", "").replace("=", "'=")  # which no spreadsheet takes for a formula
    rerun(page, record, page.get_by_role("tab", name="Layers").click)
    rerun(page, record, page.get_by_role("tab", name="Edit a word").click)
    edit(page, record, "1 A", "Replace", HOSTILE)
    expect(page.locator(".dl-text").nth(1)).to_have_text(f"{HOSTILE} {HOSTILE} film.")
    assert page.locator("main img, section img").count() == 0


def test_two_texts_are_attributed_and_edited(page: Page, record: Record, tmp_path: Path) -> None:
    """With checkpoints of the reader's own, which have only two layers and random weights."""
    for task, title in (("question-answering", "Question answering"), ("sentence-pair", "Sentence pair")):
        folders = {side: tmp_path / task / side for side in ("bert", "distilbert")}
        for side, folder in folders.items():
            tiny_checkpoint(folder, side, task)
        open_page(
            page,
            "attributions",
            pair="Your own",
            task=title,
            teacher=str(folders["bert"]),
            student=str(folders["distilbert"]),
            text=EXAMPLES[task].text,
            text_pair=EXAMPLES[task].text_pair or "",
        )
        assert page.locator(".dl-text").all_inner_texts()[:2] == list(EXAMPLES[task].texts)
        assert (word(page, "paris").get_attribute("title") or "").endswith("%")
        rerun(page, record, page.get_by_role("tab", name="Edit a word").click)
        first, rest = EXAMPLES[task].text.split(" ", 1)
        edit(page, record, f"1 {first}", "Delete")
        expect(page.locator(".dl-text").nth(2)).to_have_text(rest)
        expect(page.locator(".dl-problem")).to_have_count(0)
