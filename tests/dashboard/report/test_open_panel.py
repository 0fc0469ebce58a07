"""A saved finding on its page: shown as it is, marked as loaded, without a model; anything else is one sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from cache.compute_queue import ComputeQueue
from dashboard import __main__ as command_line
from dashboard.report.files import archive, files_of
from dashboard.report.finding import Finding
from tests.support.app import APP, html_of, problems

HOSTILE = "<script>alert(1)</script> :red[x] $x$ [a](http://x)"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[bytes], AppTest]:
    """The page with a file that `distillens open` was given, on a server that computes nothing."""
    monkeypatch.setattr(ComputeQueue, "acquire", lambda *arguments: pytest.fail("something was computed"))

    def page(content: bytes) -> AppTest:
        (tmp_path / "finding.zip").write_bytes(content)
        monkeypatch.setenv("DISTILLENS_FINDING", str(tmp_path / "finding.zip"))
        return AppTest.from_file(APP, default_timeout=120).switch_page("../pages/finding.py").run()

    return page


def test_every_section_is_shown_and_nothing_is_computed(finding: Finding, opened: Callable[[bytes], AppTest]) -> None:
    app = opened(archive(files_of(finding, {})))
    assert not problems(app)
    assert "Loaded, measured on " in html_of(app)
    assert escape(finding.headline) in html_of(app)
    assert [tab.label for tab in app.tabs] == [section.title for section in finding.sections]
    for section in finding.sections:
        app.session_state["finding_tab"] = section.title
        app.run()
        assert not problems(app)
        assert escape(section.problem or section.finding) in html_of(app)


def test_hostile_text_is_shown_as_typed(of_sentiment: Finding, opened: Callable[[bytes], AppTest]) -> None:
    files = files_of(of_sentiment, {})
    results = json.loads(files["results.json"])
    results["question"]["text"] = results["headline"] = results["machine"]["processor"] = HOSTILE
    results["answers"] = results["versions"] = {"teacher": HOSTILE, "student": HOSTILE}
    for section in results["sections"].values():
        section["title"] = section["finding"] = HOSTILE
    app = opened(archive({**files, "results.json": json.dumps(results).encode()}))
    assert not problems(app)
    assert escape(HOSTILE) in html_of(app)
    assert "<script" not in html_of(app)
    live = [element.value for kind in ("markdown", "caption", "info", "subheader") for element in app.get(kind)]
    assert not [value for value in live if HOSTILE in value]
    assert HOSTILE not in [tab.label for tab in app.tabs]


def test_what_is_no_finding_is_one_sentence(opened: Callable[[bytes], AppTest]) -> None:
    (problem,) = problems(opened(b"no zip file"))
    assert "This is no finding: choose a finding.zip" in problem


def test_another_file_is_read_anew(of_sentiment: Finding, opened: Callable[[bytes], AppTest], tmp_path: Path) -> None:
    app = opened(archive(files_of(of_sentiment, {})))
    (tmp_path / "finding.zip").write_bytes(b"no zip file any more")
    app.run()
    assert problems(app)


def test_without_a_file_it_asks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISTILLENS_FINDING", raising=False)
    app = AppTest.from_file(APP, default_timeout=120).switch_page("../pages/finding.py").run()
    assert not problems(app)
    assert "Choose a finding.zip" in app.get("file_uploader")[0].proto.label
    assert not app.tabs


def test_the_command_opens_what_it_has_read(
    of_sentiment: Finding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    monkeypatch.setattr(command_line, "_serve", lambda *arguments, page: served.append(page))
    monkeypatch.setenv("DISTILLENS_FINDING", "")
    (tmp_path / "finding.zip").write_bytes(archive(files_of(of_sentiment, {})))
    (tmp_path / "other.zip").write_bytes(b"no zip file")
    result = CliRunner().invoke(command_line.commands, ["open", str(tmp_path / "finding.zip")])
    assert (result.exit_code, served) == (0, ["/finding"])
    assert "Loaded, measured on " in result.stdout
    assert os.environ["DISTILLENS_FINDING"] == str(tmp_path / "finding.zip")
    for name, sentence in (("other.zip", "This is no finding"), ("none.zip", "“none.zip” cannot be read")):
        result = CliRunner().invoke(command_line.commands, ["open", str(tmp_path / name)])
        assert (result.exit_code, len(served)) == (2, 1)
        assert sentence in result.stderr
