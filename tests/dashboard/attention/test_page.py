"""The page Attention, run without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.tasks import TASKS
from dashboard.attention.tabs import TABS
from tests.support.app import ask_in_one_window, html_of, problems


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("part", TABS)
def test_every_part_of_the_attention_page_takes_every_task(app: AppTest, part: str, task: str) -> None:
    ask_in_one_window(app, task)
    app.query_params["tab"] = part
    app.query_params["way"], app.query_params["beside"] = "Flow", "true"
    app.switch_page("../pages/attention.py").run()
    assert not problems(app)
    shown = {tab.label for tab in app.tabs if len(tab.children)}
    assert shown == {part}


@pytest.mark.parametrize("task", TASKS)
def test_every_head_is_measured_on_request(app: AppTest, task: str) -> None:
    ask_in_one_window(app, task)
    app.query_params["tab"] = "Ablate heads"
    app.switch_page("../pages/attention.py").run()
    app.toggle(key="sweep").set_value(True).run()
    assert not problems(app)
    assert html_of(app).count("drop for") == 2
