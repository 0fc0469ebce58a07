"""Tiny models with random weights, loaded once: a pair for every task, and a pair with a cased student."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from transformers import BertForMaskedLM, PreTrainedTokenizerBase

from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from tests.support.small_pair import lower_cased_tokenizer, publish_pair, random_teacher, repeated_sentences
from tests.support.tiny import HEADS, tiny_checkpoint
from training.corpus import Corpus

os.environ.setdefault("OMP_NUM_THREADS", "1")  # on tiny matrices more threads only wait for one another

# Machines are shared: how long an example takes says nothing of it.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

ARCHITECTURES = Sides("bert", "distilbert")


@pytest.fixture(scope="session")
def tiny_pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sides[Model]]:
    """A teacher and a student for each task, as the loader gives them. They are shared: leave them as they are."""
    root = tmp_path_factory.mktemp("tiny")

    def tiny_model(task: str, architecture: str) -> Model:
        folder = tiny_checkpoint(root / task / architecture, architecture, task, seed=len(architecture))
        return load(Checkpoint(str(folder), architecture), task)

    return {task: ARCHITECTURES.map(partial(tiny_model, task)) for task in HEADS}


@pytest.fixture(scope="session")
def cased_student(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A cased model for entities: it cuts texts otherwise than the lower-casing ones of `tiny_pairs`."""
    folder = tmp_path_factory.mktemp("cased") / "student"
    tiny_checkpoint(folder, "distilbert", "entities", lower_case=False)
    return load(Checkpoint(str(folder), "distilbert"), "entities")


@pytest.fixture(params=list(HEADS))
def tiny_pair(request: pytest.FixtureRequest, tiny_pairs: dict[str, Sides[Model]]) -> Sides[Model]:
    """Each task's pair in turn."""
    return tiny_pairs[request.param]


@pytest.fixture(params=["teacher", "student"])
def side(request: pytest.FixtureRequest) -> str:
    """Each side's name in turn."""
    return request.param


@pytest.fixture
def nothing_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty store of results on disk and nothing in the process, as after a first start."""
    import streamlit as st

    monkeypatch.setenv("DISTILLENS_CACHE", str(tmp_path))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerBase:
    """What the tiny pair of `small_pair.py` reads with."""
    return lower_cased_tokenizer()


@pytest.fixture(scope="session")
def pretrained(tokenizer: PreTrainedTokenizerBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that pair, to be fine-tuned."""
    return publish_pair(tokenizer, tmp_path_factory.mktemp("pretrained"))


@pytest.fixture(scope="session")
def random_bert(tokenizer: PreTrainedTokenizerBase) -> BertForMaskedLM:
    """That pair's teacher. It is shared: leave it as it is."""
    return random_teacher(tokenizer)


@pytest.fixture(scope="session")
def corpus(tokenizer: PreTrainedTokenizerBase) -> Corpus:
    """What that pair can be pre-trained on."""
    return repeated_sentences(tokenizer)
