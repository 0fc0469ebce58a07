"""The panel on matched heads: on a text or, asked for, over the corpus; both choices stand in the URL."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.attention.head_matching import HeadMatching
from analysis.inputs.probe_corpus import probe_sentences
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import Checkpoint, Sides
from cache import attention as remembered
from dashboard.attention import head_matching as matching
from tests.support.app import ask_in_one_window, html_of, problems

SHORT = ("A dog and a cat.", "Mary lives in Paris.", "The film was good.")


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A corpus of three sentences, and the tasks for which it was asked."""
    asked: list[str] = []
    whole = remembered.corpus_matching

    def noted(sides: Sides[Checkpoint], task: str, *more: Any, **options: Any) -> HeadMatching:
        asked.append(task)
        return whole(sides, task, *more, **options)

    monkeypatch.setattr(remembered, "probe_sentences", lambda: SHORT)
    monkeypatch.setattr(remembered, "corpus_matching", noted)
    return asked


def attention(app: AppTest, task: str, **query: str) -> AppTest:
    ask_in_one_window(app, task)
    for name, value in {"tab": "head-matching", **query}.items():
        app.query_params[name] = value
    return app.switch_page("../pages/attention.py").run()


@pytest.mark.parametrize("task", TASKS)
def test_heads_are_matched_on_the_text_and_the_corpus_is_not_read_unasked(
    app: AppTest, corpus: list[str], task: str
) -> None:
    attention(app, task)
    assert not problems(app)
    assert "too few to tell a match from chance" in html_of(app)
    assert not corpus


@pytest.mark.parametrize("added", ["Shown", "Left out"])
@pytest.mark.parametrize("kind", ["Nearest", "One to one"])
def test_a_link_brings_back_the_choices(app: AppTest, corpus: list[str], kind: str, added: str) -> None:
    attention(app, "entities", matched_on=matching.CORPUS, matched_with=kind, added=added)
    assert not problems(app)
    assert corpus == ["entities"]
    assert any("in 3 texts" in caption.help for caption in app.caption)
    (table,) = [frame.value for frame in app.dataframe if "Origin" in frame.value]
    assert len(table) == 4


def test_the_corpus_can_be_asked_for_by_a_click(app: AppTest, corpus: list[str]) -> None:
    attention(app, "sentiment")
    app.session_state["matched_on"] = matching.CORPUS
    app.run()
    assert not problems(app)
    assert corpus == ["sentiment"]


def test_a_long_text_is_not_matched_and_the_corpus_still_is(
    app: AppTest, corpus: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "MOST_MATCHED", 5)
    attention(app, "sentiment")
    assert not problems(app)
    assert "up to 5 tokens" in html_of(app)
    app.session_state["matched_on"] = matching.CORPUS
    app.run()
    assert not problems(app)
    assert "up to 5 tokens" not in html_of(app)


def test_the_corpus_is_named_with_its_size() -> None:
    assert f"({len(probe_sentences())} sentences)" in matching.MATCHED_ON[matching.CORPUS]
