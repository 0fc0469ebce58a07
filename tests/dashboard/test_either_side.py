"""Pages take a BERT as the student and a DistilBERT as the teacher, of other sizes, and call nobody what it is not."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.address_keys import TABS
from dashboard.page_list import PAGES
from tests.support.app import html_of, problems
from tests.support.tiny import tiny_checkpoint

PAGE_OF = {"attribution": "attributions"}
QUICK = ("predictions", "models")
OPENED = [
    *((entry.script.removesuffix(".py"), "") for entry in PAGES if entry.bench),
    *(
        (PAGE_OF.get(page, page), tab)
        for page, tabs in ((key.removesuffix("_tab"), TABS[key]) for key in TABS)
        for tab in tabs
    ),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    root = tmp_path_factory.mktemp("sides")
    teacher = tiny_checkpoint(root / "teacher", "distilbert", "sentiment", layers=3, heads=2, hidden=16)
    student = tiny_checkpoint(root / "student", "bert", "sentiment", layers=2, heads=4, hidden=24, seed=1)
    return str(teacher), str(student)


@pytest.mark.parametrize(
    ("page", "tab"),
    [
        pytest.param(page, tab, marks=() if (not tab and page in QUICK) or tab == "head-matching" else pytest.mark.long)
        for page, tab in OPENED
    ],
)
def test_every_page_and_tab_takes_a_bert_as_the_student(
    app: AppTest, folders: tuple[str, str], page: str, tab: str
) -> None:
    text = "mary lives in paris, and the film was good."
    app.query_params.update({"pair": "own", "task": "sentiment", "text": text, **({"tab": tab} if tab else {})})
    app.query_params["teacher"], app.query_params["student"] = folders
    app.switch_page(f"../pages/{page}.py").run()
    assert not problems(app)
    assert page == "distillation" or "DistilBERT)" not in html_of(app)  # that page is about the embedded pair
    if tab == "head-matching":
        assert "initialised" not in html_of(app)
    if tab == "word-drift":
        assert "The models differ in width" in html_of(app)
    if page == "models":
        shown = html_of(app)
        assert shown.index(">distilbert<") < shown.index(">bert<")


def test_a_built_in_pair_is_called_what_it_is(app: AppTest) -> None:
    app.query_params.update({"task": "sentiment", "text": "the film was good."})
    app.switch_page("../pages/predictions.py").run()
    assert "Teacher (BERT)" in html_of(app) and "Student (DistilBERT)" in html_of(app)
