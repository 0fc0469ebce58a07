"""No choice of models and no text leads to an error page: each page in each state of the bench, and each tab."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.tasks import MASK, TASKS
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.similarity.measures import MEASURES
from dashboard.address_keys import TABS
from dashboard.page_list import PAGES, PageEntry
from tests.support.app import html_of, problems
from tests.support.tiny import tiny_checkpoint

SMALLEST, LARGEST = "a", " ".join(["cat"] * 62)  # the tiny models read 64 tokens
TABS_OF = {key.removesuffix("_tab"): tabs for key, tabs in TABS.items()}
PAGE_OF = {"attribution": "attributions"}
TOO_SMALL = {"word-drift": "at least 3 are needed"}
BENCH = [entry for entry in PAGES if entry.bench]
LONG_NAME = f"owner/{'x' * 300}"
# What the two fields for checkpoints of one's own may hold, and what is said of it: "" for nothing.
STATES: dict[str, tuple[str, str, str]] = {
    "nothing yet": ("", "", "Name a teacher"),
    "no student yet": ("{teacher}", " ", "Name a student"),
    "no teacher yet": (" ", "{student}", "Name a teacher"),
    "both": ("{teacher}", "{student}", ""),
    "two that are none": ("no such", "./neither", "“no such” names no checkpoint"),
    "one whose name is too long": (LONG_NAME, "{student}", "names no checkpoint"),
    "one whose path is too long": ("/" + "x" * 300, "{student}", "does not exist or cannot be read"),
    "one architecture on both sides": ("{student}", "{student}", ""),
    "each in the other's place": ("{student}", "{teacher}", ""),
    "a folder of folders": ("{root}", "{student}", "has no config.json"),
}


@pytest.fixture
def own(app: AppTest, tiny_pairs: dict[str, Sides[Model]]) -> AppTest:
    """The app, which is to be asked with two checkpoints of one's own for sentiment."""
    app.query_params.update({"pair": "own", "task": "sentiment", "text": "the film was good."})
    return app


def fill(app: AppTest, state: str, sides: Sides[Model]) -> str:
    """Puts what a state names into the address, and returns what will be said of it."""
    teacher, student = sides.map(lambda model: model.checkpoint.source)
    names = {"teacher": teacher, "student": student, "root": str(Path(teacher).parent)}
    for side, text in zip(("teacher", "student"), STATES[state], strict=False):
        if value := text.format(**names):
            app.query_params[side] = value
    return STATES[state][2]


def said_once(app: AppTest, sentence: str) -> None:
    """Nothing else is wrong than what the sentence says, if there is one."""
    assert [sentence in problem for problem in problems(app)] == ([True] if sentence else [])


@pytest.mark.parametrize("state", STATES)
def test_checkpoints_of_ones_own_are_asked_for_in_one_sentence(
    own: AppTest, tiny_pairs: dict[str, Sides[Model]], state: str
) -> None:
    sentence = fill(own, state, tiny_pairs["sentiment"])
    said_once(own.run(), sentence)
    assert [field.key for field in own.text_input][:2] == ["teacher", "student"]  # to go on typing
    assert html_of(own).count("dl-answer") == (0 if sentence else 2)


@pytest.mark.parametrize("entry", BENCH, ids=lambda entry: entry.title)
def test_every_page_asks_for_the_checkpoints(own: AppTest, entry: PageEntry) -> None:
    said_once(own.switch_page(f"../pages/{entry.script}").run(), "Name a teacher")


def test_labels_that_cannot_be_compared_are_said_and_a_reader_can_say_what_they_mean(
    own: AppTest, tmp_path: Path
) -> None:
    for side, kind, labels in (("teacher", "bert", None), ("student", "distilbert", ["LABEL_0", "LABEL_1"])):
        own.query_params[side] = str(tiny_checkpoint(tmp_path / kind, kind, "sentiment", labels=labels))
    own.switch_page("../pages/predictions.py").run()
    said_once(own, "")
    sentence = "Their labels cannot be compared: the teacher&#x27;s are NEGATIVE, POSITIVE"
    assert sentence in html_of(own)
    assert "They disagree" not in html_of(own)
    for page in ("attributions", "scorecard"):
        said_once(own.switch_page(f"../pages/{page}.py").run(), "")
    assert sentence in html_of(own)
    own.text_input(key="student_labels").set_value("LABEL_0 = positive, LABEL_1 = negative").run()
    said_once(own, "")
    assert "LABEL_0 = positive, LABEL_1 = negative" in own.query_params["student-labels"]
    assert "cannot be compared" not in html_of(own)
    own.text_input(key="student_labels").set_value("LABEL_0 is positive").run()
    said_once(own, "does not say what labels mean")


def test_no_answer_is_switched_on_for_a_pair_of_ones_own(own: AppTest, tiny_pairs: dict[str, Sides[Model]]) -> None:
    own.query_params.update({"task": "question-answering", "text": "who?", "text_pair": "mary lives in paris."})
    fill(own, "both", tiny_pairs["question-answering"])
    said_once(own.switch_page("../pages/predictions.py").run(), "")
    assert "(no answer in the context)" not in html_of(own)
    own.toggle(key="unanswerable").set_value(True).run()
    said_once(own, "")
    assert html_of(own).count("(no answer in the context)") == 2
    assert "unanswerable" in own.query_params


@pytest.mark.parametrize("entry", [entry for entry in BENCH if not entry.untrained], ids=lambda entry: entry.title)
def test_random_weights_of_ones_own_answer_nothing(own: AppTest, entry: PageEntry) -> None:
    own.query_params.update({"teacher": "random:bert", "student": "random:distilbert"})
    said_once(own.switch_page(f"../pages/{entry.script}").run(), "has random weights, which answer nothing")
    assert "dl-answer" not in html_of(own)


def test_random_weights_of_ones_own_have_a_size_and_no_answers_on_the_next_page(own: AppTest) -> None:
    own.query_params.update({"teacher": "random:bert", "student": "random:distilbert"})
    said_once(own.switch_page("../pages/scorecard.py").run(), "")
    assert html_of(own).count("random weights") >= 2
    said_once(own.switch_page("../pages/predictions.py").run(), "has random weights, which answer nothing")
    assert "Probability of each label" not in [header.value for header in own.subheader]


def test_the_last_answers_stay_while_the_checkpoints_are_typed(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]]
) -> None:
    app.query_params.update({"task": "sentiment", "text": "the film was good."})
    app.run()
    teacher, student = tiny_pairs["sentiment"].map(lambda model: model.checkpoint.source)
    app.selectbox(key="pair").set_value("own").run()
    said_once(app, "Name a teacher")
    assert "Below is the last question that worked." in html_of(app)
    app.text_input(key="teacher").set_value(teacher).run()
    said_once(app, "Name a student")
    app.text_input(key="student").set_value(student).run()
    said_once(app, "")
    assert "Below is the last question" not in html_of(app)


def test_models_that_cannot_be_had_are_one_sentence_and_the_bench_stays(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    app.query_params["pair"] = "full-size"
    said_once(app.run(), "is not in the local cache")
    assert [area.key for area in app.text_area] == ["text"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("page", "tab"), [(page, tab) for page, tabs in TABS_OF.items() for tab in tabs], ids=lambda part: str(part)
)
def test_every_tab_takes_the_smallest_and_the_largest_text(app: AppTest, page: str, tab: str) -> None:
    app.query_params.update({"task": "sentiment", "text": SMALLEST, "tab": tab})
    app.switch_page(f"../pages/{PAGE_OF.get(page, page)}.py").run()
    said_once(app, TOO_SMALL.get(tab, ""))
    assert not re.search(r"\bnan\b", html_of(app))
    app.text_area(key="text").set_value(LARGEST)
    said_once(app.run(), "")


@pytest.mark.parametrize("measure", MEASURES)
def test_two_sentences_of_ones_own_are_too_few_for_every_measure(app: AppTest, measure: str) -> None:
    app.query_params.update({"task": "sentiment", "on": "my-own-lines", "lines": "the dog\nparis", "measure": measure})
    app.switch_page("../pages/similarity.py").run()
    said_once(app, "Only 3 examples of 2 sentences can be compared")


@pytest.mark.long
@pytest.mark.parametrize(
    ("entry", "task", "state"),
    list(product(BENCH, TASKS, STATES)),
    ids=lambda part: part.title if isinstance(part, PageEntry) else part,
)
def test_every_page_takes_every_state_of_every_task(
    own: AppTest, tiny_pairs: dict[str, Sides[Model]], entry: PageEntry, task: str, state: str
) -> None:
    own.query_params["task"] = task
    own.query_params["text"] = f"the film was {MASK}." if TASKS[task].needs_mask else "who lives in paris?"
    if len(TASKS[task].fields) > 1:
        own.query_params["text_pair"] = "mary lives in paris."
    sentence = fill(own, state, tiny_pairs[task])
    said_once(own.switch_page(f"../pages/{entry.script}").run(), sentence)
