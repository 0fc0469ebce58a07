"""Presenter mode without a browser: our walkthroughs from end to end, and what becomes of any other address."""

from __future__ import annotations

import re
from html import escape

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.tasks import TASKS
from cache import talks
from dashboard.address_keys import PRESENT, STEP
from dashboard.page_list import PAGES
from dashboard.present import ahead
from dashboard.present.asked import chosen, finding_of, request_of
from dashboard.present.library import FOLDER, OURS, our_walkthrough
from dashboard.present.talk import Talk
from dashboard.present.walkthrough import Step
from tests.support.app import APP, html_of, problems

STEPS = [
    pytest.param(step, id=f"{name}: {number}")
    for name in OURS
    for number, step in enumerate(our_walkthrough(name).steps, 1)
]
DRAWN = {entry.path: entry.title for entry in PAGES}


@pytest.fixture
def talk_app(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> AppTest:
    """The app with the embedded pair, and a store that its tests share."""
    monkeypatch.setenv("DISTILLENS_CACHE", str(tmp_path_factory.getbasetemp() / "results of talks"))
    return AppTest.from_file(APP, default_timeout=240)


def opened(app: AppTest, **query: str) -> AppTest:
    app.query_params.update(query)
    return app.run()


def on_stage(app: AppTest) -> tuple[str, str]:
    """The title of the step, and how far the talk is."""
    title = re.search(r'dl-stage-title">(.*?)</h1>', html_of(app))
    place = re.search(r'dl-place">(.*?)</span>', html_of(app))
    assert title and place
    return title[1], place[1]


def test_our_walkthroughs_are_all_of_those_in_the_folder_and_have_six_to_ten_steps() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(OURS)
    for name in OURS:
        walkthrough = our_walkthrough(name)
        assert 6 <= len(walkthrough.steps) <= 10
        assert walkthrough.description
        assert all(step.notes for step in walkthrough.steps)


@pytest.mark.parametrize("step", STEPS)
def test_no_step_types_a_number_that_is_measured_and_each_has_two_sentences_at_most(step: Step) -> None:
    texts = [text for text in request_of(step).example.texts if text]
    prose = step.text
    for text in texts:
        prose = prose.replace(text, "")
    assert not re.search(r"\d", prose.replace("60%", "").replace("100%", "")), "a number has to come from a finding"
    assert len(re.findall(r"[.?!](?:[”\s]|$)", re.sub(r"“[^”]*”", "", prose))) <= 2
    if step.point == "answers":
        assert all(text in step.text for text in texts), "the audience has to see what both were asked"


@pytest.mark.parametrize("name", OURS)
def test_every_step_of_ours_is_walked_to_and_drawn(talk_app: AppTest, name: str) -> None:
    walkthrough = our_walkthrough(name)
    app = opened(talk_app, **{PRESENT: name, STEP: "1"})
    for number, step in enumerate(walkthrough.steps, 1):
        assert not problems(app)
        assert on_stage(app) == (escape(step.title), f"{number} of {len(walkthrough.steps)}")
        assert escape(finding_of(step)) in html_of(app)
        assert app.session_state["task"] == request_of(step).example.task
        assert {key: app.session_state[key] for key in chosen(step) if key in ("text", "text_pair")} == {
            key: value for key, value in chosen(step).items() if key in ("text", "text_pair")
        }
        if number < len(walkthrough.steps):
            app.button(key="step_next").click().run()
    assert app.button(key="step_next").disabled


def test_back_and_leaving(talk_app: AppTest) -> None:
    app = opened(talk_app, **{PRESENT: OURS[2], STEP: "2"})
    app.button(key="step_back").click().run()
    assert on_stage(app)[1] == "1 of 7"
    assert app.button(key="step_back").disabled
    app.button(key="leave").click().run()
    assert "dl-stage" not in html_of(app)
    assert dict(app.query_params) == {"task": "sentiment"}
    assert "<h1" in html_of(app) and DRAWN["claims"] in html_of(app)


@pytest.mark.parametrize(
    ("said", "number"), [("", 1), ("0", 1), ("99", 7), ("x", 1), ("-3", 1), ("9" * 30, 1), ("²", 1)]
)
def test_a_step_that_there_is_not_is_the_nearest(talk_app: AppTest, said: str, number: int) -> None:
    app = opened(talk_app, **{PRESENT: OURS[2], STEP: said})
    assert on_stage(app)[1] == f"{number} of 7"


@pytest.mark.parametrize("name", ["", "gone", "own", "20261128-1f3b1f3b1f3b1f3b1f3b", "<b>x</b>"])
def test_a_talk_that_there_is_not_is_one_sentence_and_the_page(talk_app: AppTest, name: str) -> None:
    app = opened(talk_app, **{PRESENT: name})
    assert ["There is no walkthrough" in line for line in problems(app)] == [True]
    assert "<b>x" not in html_of(app)
    assert "dl-stage" not in html_of(app)


def test_what_is_chosen_on_a_page_meanwhile_stays_in_the_talk(talk_app: AppTest) -> None:
    app = opened(talk_app, **{PRESENT: OURS[3], STEP: "3"})
    assert app.query_params["tab"] == "compare-two-heads"
    app.session_state["student_head"] = "1.1"
    app.run()
    assert on_stage(app)[1] == "3 of 8"
    said = {"task": "sentiment", "tab": "compare-two-heads", "student-head": "1.1"}  # the text is the default
    assert dict(app.query_params) == {**said, PRESENT: OURS[3], STEP: "3"}


@pytest.mark.parametrize("name", OURS)
def test_the_next_step_is_computed_ahead(talk_app: AppTest, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[Step] = []
    monkeypatch.setattr("dashboard.present.stage.prepare", lambda step, progress: prepared.append(step))
    opened(talk_app, **{PRESENT: name, STEP: "1"})
    assert prepared[-1] == our_walkthrough(name).steps[1]


@pytest.mark.parametrize("step", STEPS)
def test_preparing_asks_what_the_step_asks_and_lets_the_reader_go_on(step: Step) -> None:
    calls: list[float] = []
    ahead.prepare(step, calls.append)
    assert len(calls) == 2 + len(ahead.AHEAD.get(step.point, ()))  # before each thing, both answers and the sentence


def test_what_cannot_be_computed_ahead_is_no_problem_yet() -> None:
    ahead.prepare(Step("No mask", "", "answers", "", "predictions?task=fill-mask&text=No+mask."))


def test_notes_follow_the_talk(talk_app: AppTest) -> None:
    app = opened(talk_app, **{PRESENT: OURS[0], STEP: "2"})
    room, step = app.session_state["room of the talk"], our_walkthrough(OURS[0]).steps[1]
    notes = AppTest.from_file(APP, default_timeout=60).switch_page("../pages/notes.py")
    notes.query_params["room"] = room
    notes.run()
    assert escape(step.notes) in html_of(notes)
    app.button(key="step_next").click().run()
    assert escape(our_walkthrough(OURS[0]).steps[2].notes) in html_of(notes.run())
    notes.query_params["room"] = "another"
    assert "Nobody presents here" in html_of(notes.run())


def test_rooms_are_bounded_and_the_ones_told_last_stay() -> None:
    rooms, cue = talks.Rooms(), talks.Cue("A talk", "A step", "", "", 1, 2)
    for number in range(talks.MOST_ROOMS + 1):
        rooms.tell(str(number), cue)
    assert rooms.last_cue("0") is None
    assert rooms.last_cue("1") == cue
    assert len({talks.new_room() for _ in range(100)}) == 100


def test_a_talk_knows_its_place() -> None:
    talk = Talk(OURS[0], our_walkthrough(OURS[0]), 7)
    assert talk.following is None
    assert talk.query == {"task": ["sentiment"], PRESENT: [OURS[0]], STEP: ["7"]}
    assert set(TASKS) >= {"sentiment"}
