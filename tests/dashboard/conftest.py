"""The app with tiny models, for every test of a page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs import probe_corpus
from analysis.models.model import Model
from analysis.models.pairs import PAIRS, Pair, Sides
from tests.support.app import APP, short_corpus


@pytest.fixture
def app(
    tiny_pairs: dict[str, Sides[Model]], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    """The app on its page Predictions, with a tiny pair that has all five tasks in place of the embedded one."""
    checkpoints = {task: sides.map(lambda model: model.checkpoint) for task, sides in tiny_pairs.items()}
    monkeypatch.setitem(PAIRS, "embedded", Pair("Embedded (small)", "Tiny.", checkpoints))
    monkeypatch.setenv("DISTILLENS_CACHE", str(tmp_path_factory.getbasetemp() / "results"))
    monkeypatch.setattr(probe_corpus, "SENTENCES", short_corpus(tmp_path_factory.getbasetemp() / "sentences.txt"))
    return AppTest.from_file(APP, default_timeout=120).switch_page("../pages/predictions.py")
