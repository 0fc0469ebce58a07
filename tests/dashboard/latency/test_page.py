"""The page Latency, run without a browser: nothing is measured before it is asked for."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.models.pairs import PAIRS, Pair
from cache import latency as measuring
from dashboard.latency import quality
from dashboard.latency.quality import ELSEWHERE
from dashboard.latency.tabs import TABS
from tests.support.app import APP, ask_in_one_window, html_of, problems
from tests.support.made_up_profiles import profile as made_up


@pytest.mark.parametrize("task", ["sentiment", "question-answering"])
def test_latency_is_measured_on_a_button_only_and_stays_while_one_looks_elsewhere(app: AppTest, task: str) -> None:
    ask_in_one_window(app, task)
    app.switch_page("../pages/latency.py").run()
    assert "begun" not in html_of(app)
    app.selectbox(key="latency_rounds").set_value(20)
    app.button(key="start Measure this text").click().run()
    assert not problems(app)
    started = next(line for line in html_of(app).splitlines() if "begun" in line)
    app.switch_page("../pages/models.py").run()
    app.switch_page("../pages/latency.py").run()
    assert started in html_of(app)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_the_latency_page_measures_what_it_shows(app: AppTest, tab: str) -> None:
    ask_in_one_window(app, "sentiment")
    app.query_params["tab"], app.query_params["measured"] = tab, "Attention"
    app.query_params["rounds"] = "20"
    app.switch_page("../pages/latency.py").run()
    assert not problems(app)
    for key in [button.key for button in app.button if str(button.key).startswith("start ")]:
        if key != "start Measure energy":  # not every machine has a counter of it
            app.button(key=key).click().run()
            assert not problems(app), key
    assert {one.label for one in app.tabs if len(one.children)} == {tab}


def test_the_pair_with_random_weights_is_measured_too_but_its_quality_is_not(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = PAIRS["embedded"]
    monkeypatch.setitem(PAIRS, "architecture", Pair("Random", "Tiny.", tiny.checkpoints, trained=False))
    app.query_params["tab"] = "Quality per millisecond"
    app.run()
    app.switch_page("../pages/latency.py").run()
    app.selectbox(key="pair").set_value("architecture").run()
    assert not problems(app)
    assert ELSEWHERE in html_of(app)
    assert any("depends on size, not on weights" in caption.value for caption in app.caption)


def test_hosted_measurements_say_when_they_end_and_what_is_too_much(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    app.query_params["measured"], app.query_params["batch"] = "Attention", "32"
    app.run()
    app.switch_page("../pages/latency.py").run()
    assert any("ends after 20 s" in caption.value for caption in app.caption)
    app.button(key="start Measure by attention").click().run()
    assert "2,048 tokens" in problems(app)[0]
    assert not [button for button in app.button if "Stop" in button.label]


def test_what_ships_fills_the_tabs_and_no_section_on_this_machine(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "shipped_profile", lambda *_: made_up(1.9, 2.0))
    monkeypatch.setattr(quality, "tradeoffs", lambda *_: [])
    ask_in_one_window(app, "sentiment")
    app.switch_page("../pages/latency.py").run()
    assert not problems(app)
    assert "measured on an abacus (2 cores), on 1 January 2026" in html_of(app)
    assert "The student is" in html_of(app)
    app.selectbox(key="latency_rounds").set_value(20)
    app.button(key="start Measure this text").click().run()
    assert "abacus" not in html_of(app)
    for tab, shows in (("Cost", False), ("Quality per millisecond", True)):
        other = AppTest.from_file(APP, default_timeout=120)
        other.query_params["tab"] = tab
        other.run()
        other.switch_page("../pages/latency.py").run()
        assert not problems(other)
        assert ("abacus" in html_of(other)) == shows, tab
