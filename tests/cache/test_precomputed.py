"""What ships with the embedded pair is what computing gives, is found by the pages' own calls, and by no others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st

from analysis.attention.head_matching import HeadMatching
from analysis.attribution.methods import Attribution
from analysis.claims.evidence import Speed, Timing
from analysis.inputs.examples import Example
from analysis.latency import cost as costs
from analysis.latency.config import BenchmarkConfig
from analysis.latency.profile import NULL_REACH, LatencyProfile
from analysis.models.model import Model
from analysis.models.pairs import PAIRS, Checkpoint, Sides
from analysis.predictions.comparison import compare
from analysis.predictions.resolve import own_targets
from analysis.similarity.layer_maps import LayerMaps
from cache import attribution, claims, keys, latency, precompute, precomputed, predictions
from cache import loaded_models as models
from cache.attribution import AttributionRequest
from cache.claims import ShippedSpeed
from cache.codec import decode, encode
from cache.precomputed import ShippedResult
from cache.predictions import prediction
from cache.remember import request_for, store
from tests.support.made_up_profiles import MACHINE
from tests.support.made_up_profiles import profile as made_up

MOST_BYTES = 4_000_000
TOLERANCE = 2.0**-precomputed.SIGNIFICANT_BITS  # relative, of what is rounded to so many bits
VALUES: dict[str, Any] = {"attributions": Attribution, "layer-maps": LayerMaps, "head-matching": HeadMatching}
SENTIMENT = Example("sentiment", "a good film")

pytestmark = pytest.mark.usefixtures("nothing_remembered")


@pytest.fixture
def tiny(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Checkpoint]:
    return tiny_pairs["sentiment"].map(lambda model: model.checkpoint)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in place of the one that ships."""
    monkeypatch.setattr(precomputed, "FOLDER", tmp_path / "precomputed")
    precomputed.forget()
    yield precomputed.FOLDER
    monkeypatch.undo()
    precomputed.forget()


def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, computing anything fails the test."""
    monkeypatch.setattr(models, "load", lambda *_, **__: pytest.fail("A model was loaded although the result ships."))


def alike(shipped: Any, computed: Any) -> None:
    """Equal, but for the rounding of arrays."""
    if is_dataclass(computed):
        assert type(shipped) is type(computed)
        for field in fields(computed):
            alike(getattr(shipped, field.name), getattr(computed, field.name))
    elif isinstance(computed, tuple):
        assert len(shipped) == len(computed)
        for one, other in zip(shipped, computed, strict=True):
            alike(one, other)
    elif isinstance(computed, np.ndarray | float):
        np.testing.assert_allclose(shipped, computed, rtol=10 * TOLERANCE, atol=2e-5)  # widths of intervals differ most
    else:
        assert shipped == computed


def flipped(data: bytes) -> bytes:
    """With another byte in the middle."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]


def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered, and nothing ships."""
    st.cache_resource.clear()
    monkeypatch.setattr(precomputed, "_find", lambda _: None)


def test_every_kind_ships_and_all_of_them_are_small() -> None:
    files = set(precomputed.FOLDER.iterdir())
    assert files == {precompute.file_of(kind) for kind in precompute.KINDS}
    assert sum(file.stat().st_size for file in files) <= MOST_BYTES


@pytest.mark.parametrize("kind", precompute.KINDS)
def test_the_pages_find_all_that_ships_without_a_model(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails after the pair was trained again or got other examples, until `python -m cache.precompute` has run."""
    no_model(monkeypatch)
    with precomputed.noting() as asked:
        for task in precompute.PAIR:
            precompute.KINDS[kind](task)
    there = precomputed.read(precompute.file_of(kind))
    assert set(there) == set(asked)
    assert {result.task.split(", ")[-1] for result in there.values()} == set(precompute.PAIR)
    assert all(result.versions.keys() == set(keys.LIBRARIES) for result in there.values())


@pytest.mark.parametrize("task", precompute.PAIR)
def test_each_models_own_answer_is_explained_without_a_model_wherever_the_page_begins_with_it(
    task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_model(monkeypatch)
    for place, example in enumerate(predictions.examples_of(task)):
        sides = PAIRS["embedded"].sides(task)
        answers = Sides(*(prediction(checkpoint, example) for checkpoint in sides))
        if place == 0 or not compare(answers).agree:
            pairs = zip(sides, own_targets(answers), strict=True)
            requests = Sides(*(AttributionRequest(checkpoint, example, target) for checkpoint, target in pairs))
            assert attribution.agreement(requests, precompute.METHOD).words


def test_answers_that_ship_are_those_of_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    example, sides = predictions.examples_of("sentiment")[0], PAIRS["embedded"].sides("sentiment")
    shipped = sides.map(lambda checkpoint: prediction(checkpoint, example))
    tokens = sides.map(lambda checkpoint: predictions.tokens(checkpoint, example))
    fresh(monkeypatch)
    alike(shipped, sides.map(lambda checkpoint: prediction(checkpoint, example)))
    alike(tokens, sides.map(lambda checkpoint: predictions.tokens(checkpoint, example)))


def test_costs_that_ship_are_those_that_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = PAIRS["embedded"].sides("sentiment")
    shipped = latency.cost(sides, "sentiment")
    fresh(monkeypatch)
    monkeypatch.setattr(costs, "LENGTHS", costs.LENGTHS[:2])
    counted = latency.cost(sides, "sentiment")
    assert shipped.architectures == counted.architectures
    for ours, here in zip(shipped.operations, counted.operations, strict=True):
        alike(ours[:2], here)
    for bytes_shipped, bytes_here in zip(shipped.peak_bytes, counted.peak_bytes, strict=True):
        np.testing.assert_array_equal(bytes_shipped[:2], bytes_here)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("kind", "task"),
    [("attributions", "sentiment"), ("layer-maps", precompute.PRETRAINED), ("head-matching", "sentiment")],
)
def test_what_takes_long_ships_as_it_is_computed(kind: str, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = precomputed.read(precompute.file_of(kind))
    fresh(monkeypatch)
    with precomputed.noting() as computed:
        precompute.KINDS[kind](task)
    assert computed
    for key, result in computed.items():
        alike(*(decode(VALUES[kind], one.data.tobytes()) for one in (shipped[key], result)))


def test_measurements_that_ship_allow_a_conclusion_and_name_machine_and_day() -> None:
    for task, sides in PAIRS["embedded"].checkpoints.items():
        default = predictions.examples_of(task)[0]
        config = BenchmarkConfig(tokens=precompute.TOKENS)
        profiles = (
            latency.shipped_profile(sides, task, BenchmarkConfig(), default),
            latency.shipped_profile(sides, task, config),
        )
        for profile in profiles:
            assert profile.inconclusive_reason is None
            assert max(1 - profile.null.low, profile.null.high - 1) <= NULL_REACH
        stages, speed = latency.shipped_stages(sides, default), claims.shipped_speed(sides, task)
        assert isinstance(speed.speed.floats, Timing)
        for measured in (*profiles, stages, speed):
            assert measured.machine.processor
            assert datetime.fromisoformat(measured.started).year >= 2026
        assert latency.shipped_profile(sides, task, replace(config, threads=2)) is None


def test_nothing_that_ships_is_found_for_other_weights_texts_or_options(tiny: Sides[Checkpoint], folder: Path) -> None:
    with precomputed.noting() as noted:
        prediction(tiny.teacher, SENTIMENT)
    precomputed.write(noted, folder / "some.xz")
    request = request_for("prediction", [(tiny.teacher, "sentiment")], SENTIMENT.texts)
    assert precomputed.find(request) is not None
    for name, other in (
        ("checkpoints", [request["checkpoints"][0][::-1]]),
        ("task", "entities"),
        ("texts", ("a good filM",)),
        ("analysis", "tokens"),
        ("options", {"heads": 1}),
    ):
        assert precomputed.find({**request, name: other}) is None, name


def test_other_versions_find_what_ships_and_leave_it_as_it_is(
    tiny: Sides[Checkpoint], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with precomputed.noting() as noted:
        first: Any = prediction(tiny.teacher, SENTIMENT)
    precomputed.write(noted, folder / "some.xz")
    before = (folder / "some.xz").read_bytes()
    st.cache_resource.clear()
    no_model(monkeypatch)
    monkeypatch.setattr(keys, "library_versions", lambda: (("numpy", "0"),))
    monkeypatch.setattr(precomputed, "library_versions", lambda: (("numpy", "0"),))
    monkeypatch.setattr(keys, "code_version", lambda: "another")
    with precomputed.noting() as again:
        found: Any = prediction(tiny.teacher, SENTIMENT)
    alike(found, first)
    assert not found.logits.flags.writeable
    precomputed.write(again, folder / "some.xz")
    assert (folder / "some.xz").read_bytes() == before


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-9], lambda data: b"no file", flipped])
def test_a_damaged_file_is_one_line_in_the_log_and_its_results_are_computed(
    tiny: Sides[Checkpoint],
    folder: Path,
    damage: Callable[[bytes], bytes],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with precomputed.noting() as noted:
        first: Any = prediction(tiny.teacher, SENTIMENT)
    file = folder / "some.xz"
    precomputed.write(noted, file)
    file.write_bytes(damage(file.read_bytes()))
    precomputed.forget()
    st.cache_resource.clear()
    monkeypatch.setattr(type(store()), "get", lambda *_: None)
    with caplog.at_level(logging.WARNING, "cache.precomputed"):
        again = [prediction(tiny.teacher, SENTIMENT), prediction(tiny.student, SENTIMENT)][0]
    alike(again, first)
    assert [record.getMessage().partition(" is damaged")[0] for record in caplog.records] == ["some.xz"]


def test_a_result_of_another_shape_is_computed(
    tiny: Sides[Checkpoint], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with precomputed.noting() as noted:
        first: Any = prediction(tiny.teacher, SENTIMENT)
    [(key, result)] = noted.items()
    other = np.frombuffer(encode(precomputed.ResultFile({})), np.uint8)
    precomputed.write({key: replace(result, data=other)}, folder / "some.xz")
    st.cache_resource.clear()
    monkeypatch.setattr(type(store()), "get", lambda *_: None)
    alike(prediction(tiny.teacher, SENTIMENT), first)


def test_a_kind_is_made_once_and_its_file_holds_nothing_else(
    tiny: Sides[Checkpoint], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(precompute, "PAIR", {"sentiment": tiny})
    file = folder / "predictions.xz"
    stale = ShippedResult("prediction", "sentiment", {}, np.zeros(9, np.uint8))
    precomputed.write({"of other weights": stale}, file)
    precompute.make("predictions")
    first = file.read_bytes()
    assert len(precomputed.read(file)) == 4 * len(predictions.examples_of("sentiment"))
    st.cache_resource.clear()
    no_model(monkeypatch)
    precompute.make("predictions")
    assert file.read_bytes() == first
    assert "sentiment" in capsys.readouterr().out


def test_a_measurement_without_a_conclusion_does_not_ship(
    tiny: Sides[Checkpoint], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(precompute, "PAIR", {"sentiment": tiny})
    short = [made_up(1.0, 4.0), made_up(2.0, 2.0)]
    monkeypatch.setattr(latency, "latency_profile", lambda *_: short.pop(0))
    unclear = ShippedSpeed(Speed("Too wide.", "Too wide."), MACHINE, "2026-01-01T00:00:00+00:00")
    monkeypatch.setattr(precompute, "_speed", lambda *_: unclear)
    precompute.make("speed")
    [result] = precomputed.read(folder / "speed.xz").values()
    assert decode(LatencyProfile, result.data.tobytes()).ratio.value == pytest.approx(2.0, rel=TOLERANCE)
    printed = capsys.readouterr().out
    assert "The spread is too large" in printed
    assert "Too wide." in printed
