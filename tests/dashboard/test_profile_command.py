"""`distillens profile` measures what is asked, writes every sample, and keeps what it has when it is stopped."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from analysis.latency import measure
from analysis.models.model import Model
from analysis.models.pairs import PAIRS, Pair, Sides
from dashboard.__main__ import commands
from dashboard.profile_command import kept


@pytest.fixture(autouse=True)
def _embedded(tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny pair in place of the embedded one."""
    checkpoints = {task: models.map(lambda model: model.checkpoint) for task, models in tiny_pairs.items()}
    monkeypatch.setitem(PAIRS, "embedded", Pair("Tiny", "For tests.", checkpoints))


def profile(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["profile", *arguments])


def written(folder: Path, *arguments: str) -> tuple[dict[str, Any], list[dict[str, str]], Result]:
    """JSON and CSV of a run, and how it ended."""
    files = folder / "told.json", folder / "told.csv"
    result = profile(*arguments, "--json", str(files[0]), "--csv", str(files[1]))
    with files[1].open(encoding="utf-8", newline="") as file:
        return json.loads(files[0].read_text(encoding="utf-8")), list(csv.DictReader(file)), result


def test_a_profile_is_printed_and_written_with_every_sample(tmp_path: Path) -> None:
    told, rows, result = written(
        tmp_path, "--text", "the film was good", "--rounds", "12", "--precision", "bfloat16", "--batch", "2"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    for side, samples in told["samples_ms"].items():
        assert [float(row["ms"]) for row in rows if row["side"] == side] == samples
        assert len(samples) == 12
    assert told["texts"] == ["the film was good"]
    assert (rows[0]["tokens"], rows[0]["batch"], rows[0]["precision"]) == ("6", "2", "bfloat16")
    assert told["finding"] in result.stdout
    assert f"p50 {told['p50_ms']['student']['value']:.2f} ms" in result.stdout


def test_a_sweep_and_stages_say_what_they_found(tmp_path: Path) -> None:
    told, rows, result = written(tmp_path, "--sweep", "tokens", "--rounds", "1")
    assert [profile["setting"]["tokens"] for profile in told["profiles"]] == [8, 16, 32, 64]
    assert len(rows) == 4 * 3
    assert "tokens 512: The length in tokens is 512; here it can be 3 to 64." in result.stdout
    told, rows, result = written(tmp_path, "--stages", "--text", "the film was good", "--rounds", "2")
    assert len(rows) == 2 * 2 * (len(told["stages"]["teacher"]) + 1)
    assert "layer 2: feed-forward" in result.stdout
    assert told["finding"] in result.stdout


def test_ctrl_c_keeps_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(works: Any) -> Iterator[list[float]]:
        yield from [[2.0, 1.0, 2.0]] * (measure.WARM_UP + 5)
        raise KeyboardInterrupt

    monkeypatch.setattr(measure, "interleaved", interrupted)
    told, rows, result = written(tmp_path, "--tokens", "8", "--rounds", "50")
    assert result.exit_code == 130
    assert (told["rounds"], told["rounds_asked"]) == (5, 50)
    assert told["samples_ms"] == {"teacher": [2.0] * 5, "student": [1.0] * 5, "teacher again": [2.0] * 5}
    assert len(rows) == 15
    assert "Stopped" in result.stderr
    with pytest.raises(KeyboardInterrupt):
        kept(lambda told: next(_interrupted_at_once()))


def _interrupted_at_once() -> Iterator[Any]:
    raise KeyboardInterrupt
    yield


MISTAKES = {
    "text and length": (["--text", "a", "--tokens", "8"], "a length of its own"),
    "text and no length": (["--text", "a", "--tokens", "0"], "a length of its own"),
    "no length": (["--tokens", "0", "--rounds", "1"], "The length in tokens is 0; here it can be 3 to"),
    "stages without a text": (["--stages"], "measured for one text"),
    "stages in another format": (["--stages", "--text", "a", "--precision", "int8"], "in float32"),
    "unknown axis": (["--sweep", "colour"], "no axis called “colour”"),
    "unknown precision": (["--precision", "float8"], "bfloat16"),
    "no such folder": (["--tokens", "8", "--rounds", "1", "--csv", "no/such/folder.csv"], "cannot be written"),
    "empty text": (["--text", " "], "“Text” is empty"),
}


@pytest.mark.parametrize(("arguments", "part"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_sentence_on_standard_error(arguments: list[str], part: str) -> None:
    result = profile(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert part in result.stderr
    assert result.stderr.count("\n") == 1
