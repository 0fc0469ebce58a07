"""The page Attention, run without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.tasks import TASKS
from dashboard.attention.ablation import what_changes
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


def test_what_an_ablation_changes_is_told_by_its_parts() -> None:
    same: dict[str, bool | None] = {"teacher without head 1.1": True, "student without layer 2": False}
    assert what_changes(same) == "The answer changes: student without layer 2."
    assert what_changes(dict.fromkeys(same, True)) == "No answer changes without these."
    assert what_changes(same | {"student without head 2.1": None}) == "How far the number moves without these:"
