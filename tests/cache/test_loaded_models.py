"""Two checkpoints on the hub that are compared: each is fetched once, although each reads the tokenizer of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.models.pairs import own_pair
from cache.loaded_models import model
from tests.support.stand_in_hub import Repository, StandInHub, files_of, stand_in_hub, use_hub
from tests.support.tiny import tiny_checkpoint


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_remembered: None) -> Iterator[StandInHub]:
    served = {
        f"tiny/{kind}": Repository([files_of(tiny_checkpoint(tmp_path / kind, kind, "sentiment"))])
        for kind in ("bert", "distilbert")
    }
    with stand_in_hub(served) as running:
        use_hub(running, tmp_path / "home", monkeypatch)
        yield running


def test_the_hub_is_asked_once_for_each_checkpoint(hub: StandInHub) -> None:
    sides = own_pair("sentiment", "tiny/bert", "tiny/distilbert").sides("sentiment")
    loaded = sides.map(lambda checkpoint: model(checkpoint, "sentiment"))
    assert all(one.revision for one in loaded)
    for kind in ("bert", "distilbert"):
        assert hub.requests.count(f"GET /api/models/tiny/{kind}") == 2  # for the files and for their commit
