"""An exported deck and site, opened from disk without a network: every step is shown, and nothing hostile runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.deck.exported import deck_files, site_files
from dashboard.deck.slides import slides_of
from dashboard.present.library import OURS, our_walkthrough
from dashboard.present.walkthrough import Step, Walkthrough
from dashboard.report.files import write
from tests.browser.browsing import PATIENCE_MS, Record
from tests.browser.test_accessibility import grave_findings

HOSTILE = """</script><img src=x onerror="document.title = 'run'"><b>dull</b> {{7*7}}"""
OPEN = "section.present[data-drawn]"
FILLED = """it => {
    const [drawn, room] = [it.querySelector(".main-svg"), it].map(part => part.getBoundingClientRect());
    return Math.abs(drawn.width - room.width) < 2 && Math.abs(drawn.height - room.height) < 2;
}"""
FROM_DISK = {"preload": False}  # axe would ask for style sheets over the network, which a page from disk cannot
SIZES = {
    "projector in the light": ("light", 1280, 720, "PageDown"),
    "telephone in the dark": ("dark", 390, 844, "ArrowRight"),
}
NextPage = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The decks and sites of our own walkthroughs, and of a hostile one: `deck/NAME`, `site/NAME`."""
    query = "task=sentiment&text=%3Cimg+src%3Dx+onerror%3D%22document.title%3D%27run%27%22%3E+dull"
    parts = {"answers": "predictions?", "words": "attributions?", "two-heads": "attention?tab=compare-two-heads&"}
    hostile = tuple(Step(HOSTILE, HOSTILE, point, HOSTILE, page + query) for point, page in parts.items())
    talks = {"hostile": Walkthrough(HOSTILE, HOSTILE, hostile), **{name: our_walkthrough(name) for name in OURS}}
    made = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISTILLENS_CACHE", str(tmp_path_factory.mktemp("elsewhere")))
        for name, talk in talks.items():
            slides = slides_of(talk)
            write(deck_files(talk, slides), made / "deck" / name)
            write(site_files(talk, slides), made / "site" / name)
    return made


@pytest.fixture
def next_page(browser: Browser, record: Record) -> Iterator[NextPage]:
    """A function that gives a page without a network: `next_page("dark", 390, 844)`."""
    contexts = []

    def page(scheme: str, width: int, height: int, **more: bool) -> Page:
        size = {"width": width, "height": height}
        context = browser.new_context(offline=True, color_scheme=scheme, viewport=size, **more)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        made = context.new_page()
        record.follow(made)
        return made

    yield page
    for context in contexts:
        context.close()


def walked(page: Page, key: str) -> Iterator[int]:
    """Goes through a deck by a key; at each step, once it is drawn, its number, 0 for the title."""
    count = page.locator(".slides > section").count()
    for number in range(count):
        if number:
            page.keyboard.press(key)
        page.wait_for_selector(f"#{f'step-{number}' if number else 'opening'}{OPEN.removeprefix('section')}")
        yield number


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("size", SIZES)
def test_each_of_our_decks_is_walked_by_keys(folder: Path, next_page: NextPage, name: str, size: str) -> None:
    scheme, width, height, key = SIZES[size]
    page = next_page(scheme, width, height)
    page.goto((folder / "deck" / name / "index.html").as_uri())
    ink = {"light": "rgb(27, 31, 36)", "dark": "rgb(232, 234, 237)"}[scheme]
    for number in walked(page, key):
        slide = page.locator("section.present")
        assert slide.evaluate("it => it.scrollWidth - it.clientWidth") <= 0, number
        assert slide.evaluate("it => getComputedStyle(it).color") == ink
        for place in slide.locator(".figure").all():
            assert place.locator(".main-svg").count() > 0, number
            assert place.evaluate(FILLED), number  # so it was drawn after its slide was opened
        if number and width > 1000:
            assert slide.evaluate("it => it.scrollHeight - it.clientHeight") <= 1, f"step {number} does not fit"
            for said in slide.locator("h2, .say, .found").all():
                assert said.evaluate("it => parseFloat(getComputedStyle(it).fontSize)") >= 24
    assert number == len(our_walkthrough(name).steps)
    page.keyboard.press("PageUp")
    page.wait_for_selector(f"#step-{number - 1}.present")


@pytest.mark.parametrize("size", SIZES)
def test_slides_pass_axe(folder: Path, next_page: NextPage, size: str) -> None:
    scheme, width, height, key = SIZES[size]
    page = next_page(scheme, width, height, bypass_csp=True)
    page.goto((folder / "deck" / OURS[0] / "index.html").as_uri())
    for number in walked(page, key):
        assert grave_findings(page, **FROM_DISK) == [], number


def test_nothing_hostile_runs(folder: Path, next_page: NextPage) -> None:
    page = next_page("light", 1280, 720)
    page.goto((folder / "deck" / "hostile" / "index.html").as_uri())
    for number in walked(page, "ArrowRight"):
        assert HOSTILE in page.locator("section.present").inner_text()
        assert page.locator("img").count() == 0
        assert number == 0 or page.locator("section.present :is(.main-svg, .dl-text)").count() > 0
    for place in ("index.html", *(f"step-{number}.html" for number in (1, 2, 3))):
        page.goto((folder / "site" / "hostile" / place).as_uri())
        assert HOSTILE in page.locator("h1").inner_text()
        assert page.locator("img").count() == 0
    assert "run" not in page.title().split()


def test_a_script_that_others_put_in_does_not_run(folder: Path, browser: Browser, tmp_path: Path) -> None:
    source = folder / "deck" / "hostile"
    for file in source.rglob("*"):
        if file.is_file():
            write({str(file.relative_to(source)): file.read_bytes()}, tmp_path)
    index = tmp_path / "index.html"
    text = index.read_text(encoding="utf-8")
    index.write_text(text.replace("<h1>", "<script>document.title = 'run'</script><h1>", 1), encoding="utf-8")
    page = browser.new_page()  # not one that is followed: the refusal is an error on its console
    page.goto(index.as_uri())
    page.wait_for_selector(OPEN)
    assert page.title() != "run"
    page.close()


def test_the_speakers_notes_follow_in_a_window_of_their_own(folder: Path, next_page: NextPage) -> None:
    name = OURS[0]
    page = next_page("light", 1280, 720)
    page.goto((folder / "deck" / name / "index.html").as_uri())
    page.wait_for_selector(OPEN)
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    for step in our_walkthrough(name).steps[:3]:
        page.keyboard.press("PageDown")
        expect(notes).to_contain_text(step.notes.splitlines()[0])
    assert opened.value.frames[1].url.startswith("file://")


@pytest.mark.parametrize("size", SIZES)
def test_the_site_is_read_from_step_to_step(folder: Path, next_page: NextPage, size: str) -> None:
    scheme, width, height, _ = SIZES[size]
    page, steps = next_page(scheme, width, height, bypass_csp=True), our_walkthrough(OURS[0]).steps
    page.goto((folder / "site" / OURS[0] / "index.html").as_uri())
    assert grave_findings(page, **FROM_DISK) == []
    assert page.locator(".steps a").all_inner_texts() == [step.title for step in steps]
    page.locator(".steps a").first.click()
    for number, step in enumerate(steps, 1):
        page.wait_for_selector("body[data-drawn]")
        assert page.locator("h1").inner_text() == step.title
        assert page.locator(".main-svg").count() >= page.locator(".figure").count()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert grave_findings(page, **FROM_DISK) == [], number
        if number < len(steps):
            page.locator("a[rel=next]").first.click()
            page.wait_for_url(f"**/step-{number + 1}.html")
