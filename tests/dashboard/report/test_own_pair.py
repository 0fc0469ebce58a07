"""A finding about checkpoints of one's own says all that is needed to make it again."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from dashboard.__main__ import commands
from dashboard.report import command as module
from tests.support.findings import rerun_in
from tests.support.tiny import tiny_checkpoint

pytestmark = pytest.mark.usefixtures("nothing_remembered")

SENTIMENT = ("--task", "sentiment", "--text", "the old film was unlovely.")
QUESTION = ("--task", "question-answering", "--text", "who lives in paris?", "--text-pair", "mary lives in paris.")


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "pictures", lambda figures, progress: {})


def written(folder: Path, task: str, *arguments: str, **checkpoint: object) -> dict[str, object]:
    """The results of a finding about two tiny checkpoints, in `folder/finding`."""
    for side, kind in (("teacher", "bert"), ("student", "distilbert")):
        tiny_checkpoint(folder / side, kind, task, **checkpoint)
    own = ("--teacher", str(folder / "teacher"), "--student", str(folder / "student"))
    rest = (*own, "--pages", "predictions", "--out", str(folder / "finding"))
    result = CliRunner().invoke(commands, ["report", *arguments, *rest])
    assert (result.exit_code, result.exception) == (0, None), result.output
    found: dict[str, object] = json.loads((folder / "finding" / "results.json").read_text(encoding="utf-8"))
    return found


def test_labels_that_were_named_are_in_link_command_and_script(tmp_path: Path) -> None:
    named = "LABEL_0 = negative, LABEL_1 = positive"
    found = written(tmp_path, "sentiment", *SENTIMENT, "--student-labels", named, labels=("LABEL_0", "LABEL_1"))
    assert parse_qs(urlsplit(str(found["link"])).query)["student-labels"] == [named]
    assert named in shlex.split(str(found["command"]))
    again(tmp_path / "finding")


def test_that_there_may_be_no_answer_is_in_link_command_and_script(tmp_path: Path) -> None:
    found = written(tmp_path, "question-answering", *QUESTION, "--unanswerable")
    assert parse_qs(urlsplit(str(found["link"])).query)["unanswerable"] == ["true"]
    assert "--unanswerable" in shlex.split(str(found["command"]))
    again(tmp_path / "finding")


def test_of_several_labels_each_has_its_own_probability(tmp_path: Path) -> None:
    labels = ("rude", "toxic", "threat")
    found = written(tmp_path, "sentiment", *SENTIMENT, labels=labels, problem="multi_label_classification")
    for side in ("teacher", "student"):
        (likeliest,) = found["sections"]["answers"]["numbers"][side]["likeliest"]  # type: ignore[index]
        assert {one["outcome"] for one in likeliest} == set(labels)
        assert sum(one["probability"] for one in likeliest) != pytest.approx(1.0)
    again(tmp_path / "finding")


def test_of_a_long_text_the_answer_to_each_window_is_there(tmp_path: Path) -> None:
    long = ("--task", "sentiment", "--text", "the old film was unlovely. " * 30)
    found = written(tmp_path, "sentiment", *long)
    table = tmp_path / "finding" / "tables" / "answers-by-window.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 1
    for side, title in (("teacher", "Teacher"), ("student", "Student")):
        own = found["sections"]["answers"]["numbers"][side]["answers_by_window"]  # type: ignore[index]
        assert [row[title].split(" (")[0] for row in rows] == own
    again(tmp_path / "finding")


def again(finding: Path) -> None:
    """Has the script make the numbers again, which says so where one differs."""
    assert rerun_in(finding).main() == 0
