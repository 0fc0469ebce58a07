"""`distillens report` writes the finding and the same as a zip file, or says in one sentence why it does not."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner, Result

from analysis.models.pairs import Pair
from dashboard.__main__ import commands
from dashboard.report import command as module

TEXT = "the old film was unlovely."


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "pictures", lambda figures, progress: {})


def report(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["report", *arguments])


def test_it_writes_a_folder_and_a_zip_file(pair: Pair, tmp_path: Path) -> None:
    out = tmp_path / "finding"
    pages = ("--pages", "predictions,attention", "--choose", "teacher-head=2.1")
    result = report("--task", "sentiment", "--text", TEXT, *pages, "--out", str(out))
    assert (result.exit_code, result.exception) == (0, None)
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert list(results["sections"]) == ["answers", "attention", "matching"]
    assert results["sections"]["attention"]["numbers"]["teacher"]["layer"] == 2
    assert results["headline"] in result.stdout
    with zipfile.ZipFile(tmp_path / "finding.zip") as zipped:
        for name in zipped.namelist():
            assert zipped.read(name) == (tmp_path / name).read_bytes()


def test_its_link_leads_back_to_the_question(pair: Pair, tmp_path: Path) -> None:
    arguments = ("--task", "question-answering", "--text", "who lives in paris?", "--text-pair", "mary lives in paris.")
    report(*arguments, "--choose", "method=saliency", "--pages", "predictions", "--out", str(tmp_path / "f"))
    link = urlsplit(json.loads((tmp_path / "f" / "results.json").read_text(encoding="utf-8"))["link"])
    assert (link.scheme, link.path) == ("http", "/predictions")
    assert parse_qs(link.query) == {
        "pair": ["embedded"],
        "task": ["question-answering"],
        "text": ["who lives in paris?"],
        "text-pair": ["mary lives in paris."],
        "method": ["saliency"],
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--task", "sentiment", "--text", ""), "is empty"),
        (("--task", "sentiment", "--text", TEXT, "--pages", "magic"), "There is no page called “magic”"),
        (("--task", "sentiment", "--text", TEXT, "--choose", "magic=1"), "“magic=1” is no choice"),
        (("--task", "sentiment", "--text", TEXT, "--pair", "architecture"), "which answer nothing"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    pair: Pair, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    result = report(*arguments, "--out", str(tmp_path / "finding"))
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_folder_that_cannot_be_written_is_found_out_first(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "finding").write_text("a file")
    result = report("--task", "sentiment", "--text", TEXT, "--out", str(tmp_path / "finding"))
    assert (result.exit_code, "name another folder" in result.stderr) == (2, True)
