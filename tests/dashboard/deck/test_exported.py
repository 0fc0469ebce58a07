"""A deck and a site are folders that ask for nothing from outside, run their own scripts and show hostile text."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
from base64 import b64encode
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from plotly.offline import get_plotlyjs

from analysis.errors import AnalysisError
from analysis.models.pairs import Pair
from dashboard.deck import reveal
from dashboard.deck.exported import deck_files, site_files
from dashboard.deck.slides import Slide, slides_of
from dashboard.present.walkthrough import Step, Walkthrough
from dashboard.report.files import BOM
from tests.dashboard.report.test_document import Tags

HOSTILE = """</script><img src=x onerror=alert(1)>{{7*7}} "'& the film"""
STEPS = (
    Step("Answers", "One. Two.", "answers", "Slowly.", "predictions?task=sentiment&text=the+film+was+good", "answers"),
    Step("Words", "One.", "words", "", "attributions?task=sentiment&text=the+film+was+good"),
    Step("Heads", "One.", "two-heads", "", "attention?task=sentiment&tab=compare-two-heads&text=the+old+film"),
    Step("Heads again", "", "two-heads", "", "attention?task=sentiment&tab=compare-two-heads&text=the+new+film"),
    Step("Times", "Not here.", "times", "", "latency?task=sentiment&text=the+film+was+good"),
)
TALK = Walkthrough("A talk", "About films.", STEPS)
QUOTES = {"'": "'", '"': r"\""}  # as JSON has them
ATTRIBUTES = {"srcset", "data", "action", "onload", "onerror", "onclick"}


@pytest.fixture(scope="module")
def slides(pair: Pair) -> tuple[Slide, ...]:
    return slides_of(TALK)


@pytest.fixture(params=[deck_files, site_files], ids=["deck", "site"])
def files(slides: tuple[Slide, ...], request: pytest.FixtureRequest) -> dict[str, bytes]:
    """Both kinds of a folder in turn."""
    return request.param(TALK, slides)


def pages(files: dict[str, bytes]) -> dict[str, str]:
    return {path: content.decode() for path, content in files.items() if path.endswith(".html")}


def test_pages_ask_for_nothing_but_files_of_their_folder(files: dict[str, bytes]) -> None:
    for page in pages(files).values():
        for tag, attributes in Tags(page).elements:
            assert not ATTRIBUTES & attributes.keys()
            asked = attributes.get("src") or (tag == "link" and attributes.get("href"))
            assert not asked or asked in files


def test_links_lead_to_pages_of_the_site_or_to_the_dashboard(slides: tuple[Slide, ...]) -> None:
    files = site_files(TALK, slides)
    for page in pages(files).values():
        for tag, attributes in Tags(page).elements:
            if tag == "a":
                assert attributes["href"] in files or attributes["href"].startswith("http://127.0.0.1:8501/")
    assert [path for path in files if path.startswith("step-")] == [f"step-{number}.html" for number in range(1, 6)]


def test_no_page_has_a_script_of_its_own(files: dict[str, bytes]) -> None:
    for page in pages(files).values():
        for tag, attributes in Tags(page).elements:
            if tag == "script":
                assert attributes.get("type") == "application/json" or attributes["src"]
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
        rules = dict(rule.strip().split(" ", 1) for rule in html.unescape(policy).split(";"))
        assert rules["default-src"] == "'none'"
        assert "unsafe" not in rules["script-src"]
        assert "http" not in policy


def test_the_speakers_window_may_run_what_the_plugin_writes_into_it(slides: tuple[Slide, ...]) -> None:
    """The plugin holds the page as a string, in which its one script must be the one whose hash is allowed."""
    files = deck_files(TALK, slides)
    plugin = files["reveal/plugin/notes/notes.js"].decode()
    (string,) = re.findall(r"<script>(.*?)<\\?/script>", plugin)
    script = json.loads('"' + re.sub(r"\\?(['\"])", lambda quote: QUOTES[quote[1]], string) + '"')
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"sha256-{digest}" in html.unescape(files["index.html"].decode())


def test_plotlys_script_is_there_once(files: dict[str, bytes]) -> None:
    assert files["plotly.min.js"].decode() == get_plotlyjs()
    assert sum(content.count(b"plotly.js v") for content in files.values()) == 1


def test_every_figure_has_its_place_and_its_data(files: dict[str, bytes], slides: tuple[Slide, ...]) -> None:
    places: set[str] = set()
    drawings: dict[str, object] = {}
    for page in pages(files).values():
        tags = Tags(page)
        places |= {name for _, each in tags.elements if (name := each.get("id") or "").startswith("figure-")}
        drawings |= json.loads(tags.scripts.get("figures", "{}"))
    assert {place.removeprefix("figure-") for place in places} == drawings.keys()
    assert len(drawings) == sum(len(slide.figures) for slide in slides) == 5


def test_tables_are_files_of_the_numbers(files: dict[str, bytes], slides: tuple[Slide, ...]) -> None:
    table = slides[0].figures[0].table
    text = files["tables/step-1-answers.csv"].decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix(BOM))))
    assert rows[0] == list(table.columns)
    assert [float(row[2]) for row in rows[1:]] == pytest.approx(list(table.columns["Probability"]))


def test_a_slide_says_what_its_step_says(slides: tuple[Slide, ...]) -> None:
    page = html.unescape(deck_files(TALK, slides)["index.html"].decode())
    first, last = slides[0], slides[-1]
    assert first.finding == first.section.finding  # of live numbers, as the report has it
    for text in ("Answers", "One. Two.", "Slowly.", first.finding, first.section.reading, "the film was good"):
        assert text in page
    assert "was not measured" in last.section.problem
    assert last.section.problem in page


def test_the_text_stands_above_what_says_nothing_without_it(pair: Pair) -> None:
    question = "predictions?task=question-answering&text=who+lives+in+paris&text-pair=mary+lives+in+paris"
    steps = (
        STEPS[0],  # bars
        STEPS[1],  # the words themselves
        replace(STEPS[0], text="Of “the film was good”."),
        replace(STEPS[0], address=question),  # the context, in which both answers are marked
    )
    asked = [slide.asked for slide in slides_of(Walkthrough("A talk", "", steps))]
    assert asked == [(("Text", "the film was good"),), (), (), (("Question", "who lives in paris"),)]


def test_a_step_without_a_figure_is_named(slides: tuple[Slide, ...]) -> None:
    said = [slide.without_figure for slide in slides]
    assert [bool(sentence) for sentence in said] == [False, True, False, False, True]
    assert said[1] == "Step 2, “Words”, has no figure: it shows a table or a text."
    assert said[4].startswith("Step 5, “Times”, has no figure: The speed of this text was not measured")


def test_hostile_text_is_shown_as_typed(pair: Pair) -> None:
    step = replace(
        STEPS[0], title=HOSTILE, text=HOSTILE, notes=HOSTILE, address="predictions?task=sentiment&text=the+%3Cb%3E+film"
    )
    talk = Walkthrough(HOSTILE, HOSTILE, (step, step))
    made = slides_of(talk)
    for files in (deck_files(talk, made), site_files(talk, made)):
        for page in pages(files).values():
            tags = [tag for tag, _ in Tags(page).elements]
            assert "img" not in tags
            assert "49" not in re.findall(r"<h\d[^>]*>(.*?)</h\d>", page)
            assert html.escape(HOSTILE, quote=False) in page.replace("&#34;", '"').replace("&#39;", "'")
            assert set(re.findall(r"<b\b", page)) <= ({"<b"} if "dl-" in page else set())


def test_a_step_that_cannot_be_asked_is_named(pair: Pair) -> None:
    step = replace(STEPS[0], address="predictions?task=sentiment&pair=architecture")
    with pytest.raises(AnalysisError, match="Step 2, “Answers”: "):
        slides_of(Walkthrough("A talk", "", (STEPS[0], step)))


def test_without_the_package_a_deck_says_what_to_install(
    slides: tuple[Slide, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reveal, "PACKAGE", "no-such-package-of-reveal")
    with pytest.raises(AnalysisError, match=r"\[deck\]"):
        deck_files(TALK, slides)
    assert "index.html" in site_files(TALK, slides)


def test_paths_stay_in_the_folder(files: dict[str, bytes]) -> None:
    for path in files:
        assert ".." not in PurePosixPath(path).parts and not PurePosixPath(path).is_absolute()
