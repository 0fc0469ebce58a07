"""The page Latency, run without a browser: nothing is measured before it is asked for."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.models.pairs import PAIRS, Pair
from dashboard.latency.quality import ELSEWHERE
from dashboard.latency.tabs import TABS
from tests.support.app import ask_in_one_window, html_of, problems


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
    assert any("random weights takes the same time" in caption.value for caption in app.caption)


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
