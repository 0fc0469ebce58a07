"""Each fact has one page; those that need it beside their own link to it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.models.architecture import ARCHITECTURE
from dashboard.page_links import HAS
from dashboard.page_list import PAGES
from tests.support.app import html_of, problems

TABLE = ARCHITECTURE[1].label


def links_of(app: AppTest) -> list[str]:
    assert not problems(app)
    return [link.proto.page for link in app.get("page_link")]


@pytest.mark.parametrize(("script", "tab"), [("predictions.py", ""), ("latency.py", "cost")])
def test_the_architecture_is_on_the_page_models_alone(app: AppTest, script: str, tab: str) -> None:
    app.query_params.update({"task": "sentiment", **({"tab": tab} if tab else {})})
    app.run()
    app.switch_page(f"../pages/{script}").run()
    assert links_of(app) == ["models"]
    assert TABLE not in html_of(app)
    app.switch_page("../pages/models.py").run()
    assert not links_of(app)
    assert html_of(app).count(TABLE) == 1


def test_pages_that_are_linked_exist() -> None:
    assert set(HAS) <= {entry.title for entry in PAGES}
