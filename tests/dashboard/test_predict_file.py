"""`distillens predict --file`: an example a line, an answer a line, and a sentence where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from analysis.errors import AnalysisError
from analysis.models.model import Model
from analysis.models.pairs import PAIRS, Pair, Sides
from dashboard import predict_command
from dashboard.__main__ import commands

LINES = 'the old film was good.\n\n{"text": "mary was dull."}\n{"text": 3}\n{"text": \n\n \nthe city of london.\n'


@pytest.fixture(autouse=True)
def embedded(tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = {task: sides.map(lambda model: model.checkpoint) for task, sides in tiny_pairs.items()}
    monkeypatch.setitem(PAIRS, "embedded", Pair("Tiny", "For tests.", checkpoints))


def predict(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(commands, ["predict", "--task", "sentiment", *arguments], input=given)


def test_each_line_is_answered_as_the_text_alone_is(tmp_path: Path) -> None:
    file = tmp_path / "examples.txt"
    file.write_text(LINES, encoding="utf-8")
    from_file, from_input = predict("--file", str(file)), predict("--file", "-", given=LINES.encode())
    assert from_file.stdout == from_input.stdout
    assert (from_file.exit_code, from_file.stderr) == (1, "")  # two lines could not be asked
    reports = [json.loads(line) for line in from_file.stdout.splitlines()]
    assert [report["line"] for report in reports] == [1, 3, 4, 5, 8]
    assert [report["line"] for report in reports if "error" in report] == [4, 5]
    for report in reports:
        if "error" not in report:
            alone = json.loads(predict("--text", report["text"], "--json").stdout)
            assert report == {"line": report["line"], **alone}


def test_second_texts_are_read_where_the_task_has_them() -> None:
    line = b'{"text": "who was good?", "text_pair": "the old man was good."}'
    result = CliRunner().invoke(commands, ["predict", "--task", "question-answering", "--file", "-"], input=line)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["text_pair"] == "the old man was good."


def test_models_are_loaded_once_however_many_lines_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis.models import model

    loads, load = [], model.load
    monkeypatch.setattr(model, "load", lambda *asked: loads.append(asked) or load(*asked))
    assert predict("--file", "-", given=b"the film was good.\n" * 5).exit_code == 0
    assert len(loads) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--file", "nowhere.txt"), "nowhere.txt cannot be read (No such file or directory)"),
        (("--file", "-", "--text", "a"), "Give either --text or --file"),
        ((), "The field “Text” is empty"),
    ],
)
def test_what_cannot_be_asked_is_said_before_a_model_is_loaded(
    arguments: tuple[str, ...], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.models.model.load", lambda *_: pytest.fail("A model was loaded."))
    result = predict(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


@pytest.mark.parametrize(
    "line", [b'{"a": ' * 100_000, b"\xff\xfe", b'{"text": null}', b'{"text": "a", "text_pair": 1}']
)
def test_damaged_lines_are_refused_in_a_sentence(line: bytes) -> None:
    with pytest.raises(AnalysisError):
        predict_command.example_of("sentiment", line)
