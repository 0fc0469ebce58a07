"""Times are measured anew whenever they are asked for, with the whole queue waiting; sizes are remembered."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st

from analysis.inputs.examples import Example
from analysis.latency import measure
from analysis.latency.config import BenchmarkConfig
from analysis.models.model import Model
from analysis.models.pairs import Checkpoint, Sides
from cache import latency
from cache import loaded_models as models
from cache.compute_queue import QueueFull
from cache.latency import cost
from cache.turns import turn

pytestmark = pytest.mark.usefixtures("nothing_remembered")


@pytest.fixture
def sides(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Checkpoint]:
    return tiny_pairs["sentiment"].map(lambda model: model.checkpoint)


def test_nobody_else_computes_while_something_is_measured(
    sides: Sides[Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTILLENS_WAITING", "0")
    refused = []

    def somebody_else() -> None:
        with pytest.raises(QueueFull), turn("test"):
            pass
        refused.append(True)

    def progress(_: object) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(somebody_else).result()

    example = Example("sentiment", "the film was good")
    latency.latency_profile(sides, "sentiment", BenchmarkConfig(), example, rounds=1, progress=progress)
    latency.latency_sweep(sides, "sentiment", "attention", BenchmarkConfig(tokens=8), rounds=1, progress=progress)
    latency.stage_profile(sides, example, rounds=1, progress=progress)
    assert refused == [True] * 4


def test_times_are_measured_anew_and_sizes_are_not(sides: Sides[Checkpoint], monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (latency.latency_profile(sides, "sentiment", BenchmarkConfig(tokens=8), rounds=3) for _ in range(2))
    assert one.samples.teacher.tolist() != other.samples.teacher.tolist()
    found = cost(sides, "sentiment")
    st.cache_resource.clear()  # as a new process begins
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("The model was loaded although the result is stored."))
    teacher_repeat = cost(sides, "sentiment")
    assert teacher_repeat.lengths == found.lengths
    assert teacher_repeat.operations.teacher[0].total == found.operations.teacher[0].total


def test_where_strangers_wait_measuring_ends_in_time(sides: Sides[Checkpoint], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(measure, "profile", lambda *arguments: asked.append(arguments[4]))
    latency.latency_profile(sides, "sentiment", BenchmarkConfig(tokens=8))
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    latency.latency_profile(sides, "sentiment", BenchmarkConfig(tokens=8))
    assert asked == [None, 20.0]
