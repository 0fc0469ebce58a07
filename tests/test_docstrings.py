"""The worked examples in docstrings are true."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WITH_A_MODEL = {"analysis/models/tokens.py", "analysis/predictions/heads.py"}  # what their examples need


def modules() -> list[str]:
    files = [file for folder in ("analysis", "cache", "dashboard") for file in (ROOT / folder).rglob("*.py")]
    found = {str(file.relative_to(ROOT)) for file in files if ">>> " in file.read_text(encoding="utf-8")}
    return sorted(found - WITH_A_MODEL)


@pytest.mark.parametrize("module", modules())
def test_examples_are_true(module: str) -> None:
    outcome = doctest.testmod(importlib.import_module(module.removesuffix(".py").replace("/", ".")))
    assert outcome.attempted > 0
    assert outcome.failed == 0
