"""What the environment says, and that a slip in it is one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from analysis.errors import AnalysisError
from cache.settings import settings

ROOT = Path(__file__).resolve().parents[2]


def test_gigabytes_are_read_and_have_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISTILLENS_CACHE_GB", raising=False)
    monkeypatch.setenv("DISTILLENS_MODEL_GB", "0.5")
    assert (settings().store_bytes, settings().model_bytes) == (1_000_000_000, 500_000_000)


def test_the_folder_is_the_one_that_is_named_or_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("DISTILLENS_CACHE", raising=False)
    assert settings().folder == tmp_path / "cache" / "distillens"
    monkeypatch.setenv("DISTILLENS_CACHE", str(tmp_path / "results"))
    assert settings().folder == Path(str(tmp_path / "results"))


@pytest.mark.parametrize("slip", ["lots", "-1", "nan", "inf", "1 GB"])
def test_a_slip_is_one_sentence(monkeypatch: pytest.MonkeyPatch, slip: str) -> None:
    monkeypatch.setenv("DISTILLENS_CACHE_GB", slip)
    with pytest.raises(AnalysisError, match=f"DISTILLENS_CACHE_GB is “{slip}”: give a number of gigabytes, such as 1."):
        settings()


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
    assert started.stderr == "DISTILLENS_MODEL_GB is “four”: give a number of gigabytes, such as 4.\n"
