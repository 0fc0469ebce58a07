"""`distillens deck` writes a folder and says how large it is, or says in one sentence why it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from analysis.models.pairs import Pair
from dashboard.__main__ import commands
from dashboard.deck import reveal
from dashboard.present.walkthrough_file import written
from tests.dashboard.deck.test_exported import TALK


@pytest.fixture
def talk(tmp_path: Path, pair: Pair) -> Path:
    file = tmp_path / "talk.toml"
    file.write_text(written(TALK), encoding="utf-8")
    return file


def deck(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["deck", *arguments])


@pytest.mark.parametrize("flags", [(), ("--site",)], ids=["deck", "site"])
def test_it_writes_a_folder_and_says_what_is_in_it(talk: Path, tmp_path: Path, flags: tuple[str, ...]) -> None:
    out = tmp_path / "out"
    result = deck(str(talk), "--out", str(out), *flags)
    assert (result.exit_code, result.exception) == (0, None)
    first, *rest, last = result.stdout.splitlines()
    assert (first, last) == ("A talk: 5 steps.", str(out / "index.html"))
    assert sum(line.startswith("Step ") for line in rest) == 2
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    assert next(line for line in rest if line.startswith("all ")).split()[1] == f"{size / 1e6:.3f}"
    assert (out / "reveal").is_dir() is not bool(flags)


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"\xff", "is no walkthrough"), (b'title = "x"\ndescription = ""', "1 to 40 steps")]
)
def test_what_is_no_walkthrough_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "talk.toml").write_bytes(content)
    result = deck(str(tmp_path / "talk.toml"), "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = deck(str(tmp_path / "none.toml"), "--out", str(tmp_path / "out"))
    assert (result.exit_code, "“none.toml” cannot be read" in result.stderr) == (2, True)


def test_a_folder_that_cannot_be_written_is_found_out_first(talk: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    result = deck(str(talk), "--out", str(tmp_path / "out"))
    assert (result.exit_code, "name another folder" in result.stderr) == (2, True)


def test_without_reveal_nothing_is_computed_or_written(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reveal, "PACKAGE", "no-such-package-of-reveal")
    result = deck(str(talk), "--out", str(tmp_path / "out"))
    assert (result.exit_code, "extra “deck”" in result.stderr) == (2, True)
    assert not (tmp_path / "out").exists()
