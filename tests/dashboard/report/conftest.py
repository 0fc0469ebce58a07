"""Findings of tiny models, with every section."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
import streamlit as st

from analysis.inputs import probe_corpus
from analysis.models.model import Model
from analysis.models.pairs import PAIRS, Pair, Sides
from dashboard.frame import Question
from dashboard.report.finding import Finding, FindingRequest
from dashboard.report.sections import SECTIONS, make_finding
from tests.support.app import short_corpus
from tests.support.tiny import EXAMPLES, HEADS

LINK = "http://127.0.0.1:8501/predictions"
QUICK = ("sentiment", "question-answering")  # the tasks that every run of the tests looks at


@pytest.fixture(scope="package")
def pair(tiny_pairs: dict[str, Sides[Model]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A tiny pair that has all five tasks in place of the embedded one, and a short corpus."""
    checkpoints = {task: sides.map(lambda model: model.checkpoint) for task, sides in tiny_pairs.items()}
    tiny, folder = Pair("Tiny", "For tests.", checkpoints), tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PAIRS, "embedded", tiny)
        patch.setenv("DISTILLENS_CACHE", str(folder / "results"))
        patch.setattr(probe_corpus, "SENTENCES", short_corpus(folder / "sentences.txt"))
        st.cache_resource.clear()
        yield tiny
    st.cache_resource.clear()


@pytest.fixture(scope="package")
def requests(pair: Pair) -> dict[str, FindingRequest]:
    """What is asked of each task: everything."""
    return {task: FindingRequest(Question(pair, EXAMPLES[task]), {}, tuple(SECTIONS)) for task in HEADS}


@pytest.fixture(scope="package")
def finding_of(requests: dict[str, FindingRequest]) -> Callable[[str], Finding]:
    """The finding of a task, made once."""
    return cache(lambda task: make_finding(requests[task], LINK))


@pytest.fixture(params=[task if task in QUICK else pytest.param(task, marks=pytest.mark.long) for task in HEADS])
def finding(finding_of: Callable[[str], Finding], request: pytest.FixtureRequest) -> Finding:
    """Each task's finding in turn."""
    return finding_of(request.param)


@pytest.fixture
def of_sentiment(finding_of: Callable[[str], Finding]) -> Finding:
    """The finding of one task, for what is the same in all."""
    return finding_of("sentiment")
