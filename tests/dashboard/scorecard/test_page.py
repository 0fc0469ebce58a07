"""The page Scorecard: its four rows, the list of disagreements and its filter, and what other pairs get."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest
from streamlit.testing.v1 import AppTest

from analysis.claims.criteria import VERDICTS
from analysis.claims.evidence import Speed
from analysis.claims.evidence_from.speed import timing
from analysis.claims.scorecard import NOT_EVALUATED, NOT_MEASURED, RULES, scorecard
from analysis.claims.scorecard import RANDOM as RANDOM_ROW
from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import PAIRS
from analysis.predictions.disagreements import Disagreement, disagreements
from cache import claims as remembered
from cache import loaded_models
from cache.claims import ShippedSpeed
from cache.predictions import all_samples_ship, prediction
from dashboard.export.scorecard import scorecard_table
from dashboard.page_list import PAGES
from dashboard.scorecard.disagreements import ALL, RANDOM, RIGHT
from dashboard.scorecard.score_rows import LIGHTS, READ_ON
from tests.support.app import APP, html_of, problems
from tests.support.made_up_profiles import MACHINE, profile

LIKE_THE_BRIEF = Speed(timing(profile(1.9, 2.1)), "Not here.")


def opened(query: dict[str, str], page: str = "scorecard") -> AppTest:
    """A fresh session that opens a link to the page."""
    app = AppTest.from_file(APP, default_timeout=120)
    app.query_params.update(query)
    app.switch_page(f"../pages/{page}.py").run()
    assert not problems(app)
    return app


def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("A model was loaded although all that is shown ships.")

    monkeypatch.setattr(loaded_models, "load", refuse)


def lights(app: AppTest) -> list[str]:
    """The word of each row's verdict, in their order."""
    return [unescape(word) for word in re.findall(r"dl-score dl-verdict [^>]*>.*?</i> (.*?)</span>", html_of(app))]


def listed(app: AppTest) -> list[str]:
    """The titles in the list."""
    return [button.label for button in app.button if (button.key or "").startswith("open ")]


def expected(task: str) -> tuple[Disagreement, ...]:
    sides, samples = PAIRS["embedded"].sides(task), TASKS[task].samples
    examples = [checked(Example(task, sample.text, sample.text_pair)) for sample in samples]
    answers = [sides.map(lambda checkpoint: prediction(checkpoint, example)) for example in examples]  # noqa: B023
    return disagreements(task, samples, answers)


def test_every_verdict_has_a_sign_and_a_word_and_every_row_a_page() -> None:
    judged = set(VERDICTS) - {"holds in part"}  # which no single number can
    assert set(LIGHTS) == judged
    assert len({sign for sign, _, _ in LIGHTS.values()}) == len({word for _, _, word in LIGHTS.values()}) == len(judged)
    assert list(READ_ON) == list(RULES)
    assert set(READ_ON.values()) <= {entry.title for entry in PAGES}


@pytest.mark.parametrize("task", ["entities", "question-answering"])  # as many as there is time for
def test_the_embedded_pair_is_shown_without_loading_a_model(
    task: str, nothing_remembered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_model(monkeypatch)
    app = opened({"task": task})
    page = html_of(app)
    card = scorecard(remembered.evidence(PAIRS["embedded"], task, None))
    for result in card:
        assert escape(RULES[result.definition.name].text) in page
    rows = scorecard_table(card)
    assert [f"{value:.1f}%" in page for value in rows["This pair"] if value is not None] == [True] * 3
    assert all(source in page for source in rows["Published where"])
    assert [link.proto.page for link in app.get("page_link")] == ["models", "latency", "distillation", "distillation"]
    found = expected(task)
    assert listed(app) == [one.sample.title for one in found] != []
    assert f"on {len(found)} of the {len(TASKS[task].samples)} examples, which were chosen" in page
    for one in found:
        assert all(escape(answer) in page for answer in one.answers)
        assert escape(RIGHT[one.right]) in page


def test_the_list_is_filtered_by_who_is_right_and_the_filter_is_in_the_address(nothing_remembered: None) -> None:
    app = opened({"task": "fill-mask"})
    everything = listed(app)
    titles = {right: [one.sample.title for one in expected("fill-mask") if one.right == right] for right in RIGHT}
    assert sum(map(len, titles.values())) == len(everything)
    for right in ("student", "open", "neither"):
        wanted = titles[right]
        app.button_group(key="right").set_value(right).run()
        assert listed(app) == wanted
        assert app.query_params["right"] == right
        assert ("No example is of this kind" in html_of(app)) == (not wanted)
    assert (bool(titles["student"]), bool(titles["open"]), bool(titles["neither"])) == (True, True, False)
    again = opened({"task": "fill-mask", "right": "student"})
    assert listed(again) == titles["student"]
    again.button_group(key="right").set_value(ALL).run()
    assert listed(again) == everything
    assert "right" not in again.query_params


def test_a_click_on_an_example_asks_it_and_opens_predictions(nothing_remembered: None) -> None:
    app = opened({"task": "question-answering"})
    one = expected("question-answering")[1]
    app.button(key=f"open {one.sample.title}").click().run()
    assert not problems(app)
    assert app.text_area(key="text").value == one.sample.text
    assert app.text_area(key="text_pair").value == one.sample.text_pair
    assert escape(one.sample.look_for) in html_of(app)  # which Predictions says
    assert not lights(app)


def test_a_pair_without_records_or_shipped_answers_is_asked_on_request(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = PAIRS["embedded"].sides("sentiment")  # the tiny pair
    assert not all_samples_ship(sides, "sentiment")
    app.query_params["task"] = "sentiment"
    app.switch_page("../pages/scorecard.py").run()
    assert not problems(app)
    assert html_of(app).count(escape(NOT_EVALUATED)) == 2
    assert html_of(app).count("published, full size") == 4
    assert lights(app)[1:] == ["not measured yet", "not measurable here", "not measurable here"]
    assert NOT_MEASURED in html_of(app)
    assert not listed(app)
    button = next(button for button in app.button if "Ask both models about all" in button.label)
    assert str(len(TASKS["sentiment"].samples)) in button.label
    button.click().run()
    assert not problems(app)
    assert app.query_params["compared"] == "true"
    assert NOT_EVALUATED in html_of(app)
    assert listed(app) == [one.sample.title for one in expected("sentiment")]
    again = opened(dict(app.query_params))
    assert listed(again) == listed(app)


def test_random_weights_have_size_and_speed_and_no_list(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    untrained = PAIRS["embedded"]  # the tiny pair, in place of a large one
    monkeypatch.setitem(PAIRS, "architecture", type(untrained)("Random", "None.", untrained.checkpoints, trained=False))
    monkeypatch.setattr(remembered, "speed", lambda *_: LIKE_THE_BRIEF)
    app.query_params.update({"task": "sentiment", "pair": "architecture"})
    app.switch_page("../pages/scorecard.py").run()
    app.button(key="start Measure the speed").click().run()
    assert not problems(app)
    assert html_of(app).count(escape(RANDOM_ROW)) == 2
    assert lights(app)[1:] == ["passes", "not measurable here", "not measurable here"]
    assert RANDOM in html_of(app)
    assert not listed(app)
    assert not [button for button in app.button if "Ask both models" in button.label]


def test_a_measured_speed_is_judged_and_is_the_one_that_claims_shows(
    nothing_remembered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "speed", lambda *_: LIKE_THE_BRIEF)
    app = opened({"task": "question-answering"})
    assert "Its speed is not measured yet." in html_of(app) or remembered.shipped_speed(
        PAIRS["embedded"].sides("question-answering"), "question-answering"
    )
    app.button(key="start Measure the speed").click().run()
    assert not problems(app)
    assert "is 39.6% smaller and 2.0 times as fast, keeps 94.1% of the F1, but gives" in html_of(app)
    assert "2.00 [1.90, 2.10] times as fast" in html_of(app)
    assert lights(app) == ["passes", "passes", "inconclusive", "fails"]
    monkeypatch.setattr(remembered, "speed", lambda *_: pytest.fail("It was measured again."))
    query = dict(app.query_params)
    assert query["runs"]
    again = opened(query)
    assert "2.00 [1.90, 2.10] times as fast" in html_of(again)
    assert "Measured on" in html_of(again)
    claims = opened(query, "claims")
    assert "2.00 times as fast" in html_of(claims)
    assert claims.query_params["runs"] == query["runs"]


def test_a_speed_that_ships_is_shown_until_one_measures(
    nothing_remembered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = ShippedSpeed(LIKE_THE_BRIEF, MACHINE, "2026-11-28T12:00:00+00:00")
    monkeypatch.setattr(remembered, "shipped_speed", lambda *_: shipped)
    page = html_of(opened({"task": "entities"}))
    assert "measured on an abacus (2 cores), on 28 November 2026" in page
    assert "2.00 [1.90, 2.10] times as fast" in page


def test_an_unknown_filter_is_told(nothing_remembered: None) -> None:
    app = opened({"task": "sentiment", "right": "nobody"})
    assert "The address says right=nobody, which is not known here" in html_of(app)
    assert len(listed(app)) == len(expected("sentiment"))


def test_the_table_has_every_row_with_its_number() -> None:
    card = scorecard(remembered.evidence(PAIRS["embedded"], "entities", LIKE_THE_BRIEF))
    table = scorecard_table(card)
    assert {len(column) for column in table.values()} == {4}
    for place, result in enumerate(card):
        assert result.measured
        ends = [table[title][place] for title in ("Low", "This pair", "High")]
        estimate = result.measured.estimate
        assert ends == pytest.approx([estimate.low, estimate.value, estimate.high], abs=1e-3)
        assert table["Rule"][place] == RULES[result.definition.name].text
