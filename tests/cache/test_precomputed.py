"""The layer maps that ship with the embedded pair: found under their key, and refused where the file is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.errors import AnalysisError
from cache import precomputed


@pytest.mark.parametrize("content", ["", "[]", "{" * 100_000, '{"key": null}', '{"key": {"across": {}}}', "\xff"])
def test_a_damaged_record_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    file = tmp_path / "similarity.json"
    file.write_bytes(content.encode("latin-1"))
    monkeypatch.setattr(precomputed, "FILE", file)
    with pytest.raises(AnalysisError, match=r"The record similarity.json of the embedded pair is damaged: .*\.$"):
        precomputed.find("key")


def test_without_a_record_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precomputed, "FILE", tmp_path / "similarity.json")
    assert precomputed.find("key") is None
