"""A walkthrough of one's own: made of views, worded, put in order, and handed on as a file and as a link."""

from __future__ import annotations

import random
from dataclasses import replace
from html import escape
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.settings import settings
from cache import long_texts
from dashboard.address_keys import TABS
from dashboard.attribution.before_and_after import edits_in
from dashboard.links import MOST_LINK_BYTES, Link, packed
from dashboard.page_list import PAGES, PageEntry
from dashboard.present import add_view, handing_on
from dashboard.present.asked import chosen, finding_of
from dashboard.present.library import DRAFT, OURS, our_walkthrough, walkthrough_named
from dashboard.present.walkthrough import MOST_STEPS, TABS_OF, Step, Walkthrough, checked, points_of
from dashboard.present.walkthrough_file import read_walkthrough, written
from tests.support.app import html_of, problems

HOSTILE = "</script><img src=x onerror=y> :red[x] $x$ **b**"
STEPS = tuple(Step(f"Step {letter}", "One.", "layer-map", "", "similarity?task=sentiment") for letter in "ABC")
THREE = Walkthrough("Mine", "", STEPS)


def on_talks(app: AppTest, walkthrough: Walkthrough = THREE) -> AppTest:
    app.session_state[DRAFT] = walkthrough
    return app.switch_page("../pages/talks.py").run()


def titles(app: AppTest) -> list[str]:
    return [step.title for step in app.session_state[DRAFT].steps]


def unfold(app: AppTest, place: int) -> AppTest:
    """The fields of a step; folds have no test element to click on."""
    app.session_state[f"step {revision(app)} {place}"] = True
    return app.run()


def revision(app: AppTest) -> int:
    try:
        return int(app.session_state["revision of walkthrough"])
    except KeyError:
        return 0


@pytest.mark.parametrize("entry", [entry for entry in PAGES if entry.bench], ids=lambda entry: entry.title)
def test_every_page_adds_its_view_as_a_step_that_opens_it_again(app: AppTest, entry: PageEntry) -> None:
    app.query_params.update({"task": "sentiment", "text": "A good film."})
    app.run()
    app.switch_page(f"../pages/{entry.script}").run()
    app.button(key="add_view").click().run()
    walkthrough = app.session_state[DRAFT]
    (step,) = checked(walkthrough).steps
    assert step.page == entry.path
    assert {name: step.query[name] for name in ("task", "text")} == {"task": ["sentiment"], "text": ["A good film."]}
    assert [toast.value.split(".")[0] for toast in app.toast] == ["Step 1 of your walkthrough"]
    app.button(key="add_view").click().run()
    assert app.session_state[DRAFT].steps == (step, step)


@pytest.mark.parametrize(
    ("page", "tab"), [(page, tab) for page, keys in TABS_OF.items() for key in keys for tab in TABS[key][1:]]
)
def test_every_tab_adds_its_view(app: AppTest, page: str, tab: str) -> None:
    app.query_params.update({"task": "fill-mask" if tab == "logit-lens" else "sentiment", "tab": tab})
    app.switch_page(f"../pages/{page}.py").run()
    app.button(key="add_view").click().run()
    (step,) = checked(app.session_state[DRAFT]).steps
    assert step.page == page
    assert step.point in points_of(page, {"tab": [tab]})


def test_the_first_page_adds_its_sentence(app: AppTest) -> None:
    app.switch_page("../pages/start.py").run()
    app.button(key="add_view").click().run()
    (step,) = checked(app.session_state[DRAFT]).steps
    assert (step.page, step.point, step.address) == ("", "start", "")
    assert TASKS["sentiment"].samples[0].text in step.text


def test_an_edited_word_is_part_of_the_view_and_the_step_says_what_it_changes(app: AppTest) -> None:
    app.query_params.update({"task": "sentiment", "text": "The film was bad.", "tab": "edit-a-word"})
    app.switch_page("../pages/attributions.py").run()
    app.selectbox(key="edited_word").set_value("4 bad")
    next(button for button in app.button if button.label == "Delete").click().run()
    app.button(key="add_view").click().run()
    (step,) = checked(app.session_state[DRAFT]).steps
    (made,) = edits_in(chosen(step), Example("sentiment", "The film was bad."))
    assert (step.point, made.word.text, made.replacement) == ("edited-words", "bad", None)
    said = finding_of(replace(step, finding="edited-words"))
    assert said in html_of(app)
    assert "goes from" in said


def test_a_full_walkthrough_takes_no_more(app: AppTest) -> None:
    app.session_state[DRAFT] = replace(THREE, steps=STEPS[:1] * MOST_STEPS)
    app.run().button(key="add_view").click().run()
    assert [toast.value for toast in app.toast] == [add_view.FULL]
    assert len(app.session_state[DRAFT].steps) == MOST_STEPS


@pytest.mark.parametrize("link", [Link("text.key=20261128-0", ("text",), ()), Link("task=sentiment", (), ("text",))])
def test_a_view_that_no_link_holds_by_itself_is_not_added(
    app: AppTest, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.address.link", lambda: link)
    app.run().button(key="add_view").click().run()
    assert [toast.value for toast in app.toast] == [add_view.TOO_LONG]
    assert DRAFT not in app.session_state


def test_steps_are_worded_moved_and_removed(app: AppTest) -> None:
    app = unfold(on_talks(app), 1)
    app.text_input(key="step 0 1 title").set_value("Step X").run()
    assert titles(app) == ["Step A", "Step X", "Step C"]
    app.button(key="step 0 1 up").click().run()
    assert titles(app) == ["Step X", "Step A", "Step C"]
    unfold(app, 1).button(key="step 1 1 down").click().run()
    assert titles(app) == ["Step X", "Step C", "Step A"]
    unfold(app, 0).button(key="step 2 0 remove").click().run()
    assert titles(app) == ["Step C", "Step A"]
    assert not problems(app)


def test_a_fault_is_said_and_nothing_is_handed_on_until_it_is_gone(app: AppTest) -> None:
    app = unfold(on_talks(app), 0)
    app.text_input(key="step 0 0 title").set_value(" ").run()
    assert ["Step 1 has no title" in line for line in problems(app)] == [True]
    assert not [button for button in app.button if button.key == "present_own"]
    app.text_input(key="step 0 0 title").set_value("A").run()
    assert not problems(app)
    assert app.button(key="present_own")


def test_the_own_one_is_presented_and_found_again_by_its_name(app: AppTest) -> None:
    step = replace(
        STEPS[0], title=HOSTILE, text=HOSTILE, point="answers", address="predictions?task=sentiment&text=Hm."
    )
    app = on_talks(app, replace(THREE, title=HOSTILE, steps=(step,)))
    assert escape(HOSTILE) in html_of(app)
    app.button(key="present_own").click().run()
    assert not problems(app)
    assert f'dl-stage-title">{escape(HOSTILE)}<' in html_of(app)
    assert walkthrough_named(app.query_params["present"]).steps == (step,)


def test_a_short_one_fits_into_a_link_and_the_link_opens_it(app: AppTest) -> None:
    shared = handing_on.link_to(THREE, "http://x/talks")
    assert shared and not shared.left_out
    app.query_params.update({name: value for name, (value,) in parse_qs(urlsplit(shared.link).query).items()})
    app.switch_page("../pages/talks.py").run()
    assert not problems(app)
    assert app.session_state[DRAFT] == THREE


def long_one() -> Walkthrough:
    chance = random.Random(0)
    notes = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz ", k=3_000)) for _ in range(10)]
    return replace(THREE, steps=tuple(replace(STEPS[0], notes=one) for one in notes))


def test_a_long_one_is_kept_for_its_link_where_texts_are_kept(app: AppTest) -> None:
    shared = handing_on.link_to(long_one(), "http://x/talks")
    assert shared
    assert shared.left_out == [handing_on.KEPT]
    assert len(shared.link) < MOST_LINK_BYTES
    app.query_params.update({name: value for name, (value,) in parse_qs(urlsplit(shared.link).query).items()})
    assert app.switch_page("../pages/talks.py").run().session_state[DRAFT] == long_one()


def test_where_no_texts_are_kept_a_long_one_has_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_texts, "settings", lambda: replace(settings(), text_bytes=0))
    assert handing_on.link_to(long_one(), "http://x/talks") is None
    assert handing_on.link_to(THREE, "http://x/talks")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"walkthrough.z": "x"}, "is damaged"),
        ({"walkthrough.z": packed("title = 3")}, "has a title that is no text"),
        ({"walkthrough.key": "20261128-0"}, "is not kept here"),
    ],
)
def test_a_link_that_opens_nothing_says_why(app: AppTest, query: dict[str, str], sentence: str) -> None:
    app.query_params.update(query)
    app.switch_page("../pages/talks.py").run()
    assert [sentence in line for line in problems(app)] == [True]
    assert DRAFT not in app.session_state


def test_a_file_that_is_opened_is_the_own_one_and_can_be_changed(app: AppTest) -> None:
    content = written(our_walkthrough(OURS[1])).encode()
    app.switch_page("../pages/talks.py").run()
    app.file_uploader(key="walkthrough_file").upload("talk.toml", content, "application/toml").run()
    assert app.session_state[DRAFT] == our_walkthrough(OURS[1])
    unfold(app, 0).text_input(key="step 1 0 title").set_value("Changed").run()
    assert titles(app)[0] == "Changed"
    assert read_walkthrough(written(app.session_state[DRAFT]).encode()) == app.session_state[DRAFT]


def test_the_tour_and_every_walkthrough_of_ours_are_offered(app: AppTest) -> None:
    app.switch_page("../pages/talks.py").run()
    labels = [link.proto.label for link in app.get("page_link")]
    assert [label.rpartition(" (")[0] for label in labels] == [our_walkthrough(name).title for name in OURS]
    app.switch_page("../pages/start.py").run()
    tours = [link for link in app.get("page_link") if "tour" in link.proto.label]
    assert [parse_qs(link.proto.query_string)["present"] for link in tours] == [[OURS[0]]]
