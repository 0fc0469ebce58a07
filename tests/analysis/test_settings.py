"""What the environment says, and that a slip in it is one sentence."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from analysis.errors import AnalysisError
from analysis.settings import VARIABLES, Settings, check_settings, settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable.name, raising=False)


def test_every_field_is_a_variable_with_defaults_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(VARIABLES) == [field.name for field in fields(Settings)]
    assert len({variable.name for variable in VARIABLES.values()}) == len(VARIABLES)
    alone = settings()
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    differ = {name for name in VARIABLES if getattr(alone, name) != getattr(settings(), name)}
    assert differ == {"hosted", *(name for name, row in VARIABLES.items() if row.hosted != row.default)}


READ = [
    ("DISTILLENS_HOSTED", "true", "hosted", True),
    ("DISTILLENS_PORT", " 80 ", "port", 80),
    ("DISTILLENS_BASE_PATH", "/tools/lens/", "base_path", "/tools/lens"),
    ("DISTILLENS_BASE_PATH", "/", "base_path", ""),
    ("DISTILLENS_FRAMED_BY", "https://a.org  https://*.hf.space", "framed_by", ("https://a.org", "https://*.hf.space")),
    ("CACHE_URL", "redis://:secret@host/0", "cache_url", "redis://:secret@host/0"),
    ("DISTILLENS_MODEL_GB", "0.5", "model_bytes", 500_000_000),
    ("DISTILLENS_KEEP_DAYS", "7", "keep_days", 7),
    ("DISTILLENS_KEEP_DAYS", "0", "keep_days", None),
    ("DISTILLENS_SESSION_S", "0", "session_s", None),
    ("DISTILLENS_PATIENCE_S", "1.5", "patience_s", 1.5),
    ("DISTILLENS_METRICS", "0.0.0.0:9100", "metrics", ("0.0.0.0", 9100)),
    ("DISTILLENS_METRICS", "[::1]:9100", "metrics", ("::1", 9100)),
    ("DISTILLENS_LOG", "json", "log", "json"),
    ("DISTILLENS_COMMIT", "abc", "commit", "abc"),
]


@pytest.mark.parametrize(("variable", "text", "name", "value"), READ)
def test_a_value_is_read(monkeypatch: pytest.MonkeyPatch, variable: str, text: str, name: str, value: object) -> None:
    monkeypatch.setenv(variable, text)
    assert getattr(settings(), name) == value


def test_the_folder_is_the_one_that_is_named_or_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert settings().folder == tmp_path / "cache" / "distillens"
    monkeypatch.setenv("DISTILLENS_CACHE", str(tmp_path / "results"))
    assert settings().folder == tmp_path / "results"


SLIPS = [
    ("DISTILLENS_HOSTED", "yes", "DISTILLENS_HOSTED is “yes”: give 1 or 0."),
    ("DISTILLENS_PORT", "70000", "DISTILLENS_PORT is “70000”: give a whole number from 1 to 65,535."),
    ("DISTILLENS_PORT", "٨٠", "DISTILLENS_PORT is “٨٠”: give a whole number from 1 to 65,535."),
    *(
        ("DISTILLENS_CACHE_GB", slip, f"DISTILLENS_CACHE_GB is “{slip}”: give a number of gigabytes.")
        for slip in ("lots", "-1", "nan", "inf", "1 GB")
    ),
    ("DISTILLENS_PATIENCE_S", "soon", "DISTILLENS_PATIENCE_S is “soon”: give a number of seconds, or 0 for no limit."),
    ("DISTILLENS_BASE_PATH", "a?b", "DISTILLENS_BASE_PATH is “a?b”: give a path without a query, such as tools/dis"),
    ("DISTILLENS_FRAMED_BY", "hf.space; *", "DISTILLENS_FRAMED_BY is “hf.space; *”: give origins with spaces between"),
    ("DISTILLENS_METRICS", "9100", "DISTILLENS_METRICS is “9100”: give an address and a port, such as 127.0.0.1:9100."),
    ("DISTILLENS_LOG", "xml", "DISTILLENS_LOG is “xml”: give text or json."),
    ("DISTILLENS_HOSTD", "1", "DISTILLENS_HOSTD is not a setting: did you mean DISTILLENS_HOSTED?"),
    ("DISTILLENS_QQQQQQQQQQQQQQQ", "1", "DISTILLENS_QQQQQQQQQQQQQQQ is not a setting: docs/hosting.md lists those"),
]


@pytest.mark.parametrize(("variable", "slip", "sentence"), SLIPS)
def test_a_slip_is_one_sentence(monkeypatch: pytest.MonkeyPatch, variable: str, slip: str, sentence: str) -> None:
    monkeypatch.setenv(variable, slip)
    with pytest.raises(AnalysisError) as refusal:
        check_settings()
    assert str(refusal.value).startswith(sentence)


def test_an_address_with_a_password_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", "http://user:secret@host")
    with pytest.raises(AnalysisError) as refusal:
        settings()
    assert str(refusal.value) == "CACHE_URL: give the address of a Redis server, such as redis://localhost:6379/0."


def test_the_server_does_not_start_with_a_slip() -> None:
    started = subprocess.run(
        [sys.executable, "-m", "dashboard", "serve"],
        cwd=ROOT,
        env={"DISTILLENS_MODEL_GB": "four", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 2
    assert started.stderr == "DISTILLENS_MODEL_GB is “four”: give a number of gigabytes.\n"


def test_the_operators_page_has_every_variable_with_its_defaults() -> None:
    page = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    for variable in VARIABLES.values():
        assert variable.row() in page, f"docs/hosting.md needs the line {variable.row()}"
