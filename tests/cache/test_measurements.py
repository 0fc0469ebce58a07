"""Measurements that links lead to: each kind comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import streamlit as st

from analysis.claims.evidence_from.speed import measured_speed
from analysis.inputs.examples import Example
from analysis.latency import measure, stages, sweep
from analysis.latency.config import BenchmarkConfig
from analysis.latency.energy import Energy
from analysis.latency.machine import machine
from analysis.latency.profile import Sweep
from analysis.latency.roofline import Peaks
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.progress import silent
from cache import measurements
from cache.codec import encode
from cache.measurements import KINDS, Asked, Measured, Value
from cache.remember import store
from tests.support.made_up_profiles import MACHINE, profile

pytestmark = pytest.mark.usefixtures("nothing_remembered")

EXAMPLE = Example("sentiment", "the film was good")
SHORT = BenchmarkConfig(tokens=8)
MADE: dict[str, Callable[[Sides[Model]], Value]] = {
    "text": lambda models: measure.profile(models, BenchmarkConfig(), EXAMPLE, 2),
    "sweep": lambda models: sweep.sweep(models, "precision", SHORT, 2),
    "stages": lambda models: stages.stages(models, EXAMPLE, 1, 2),
    "quality": lambda models: measure.profile(models, SHORT, None, 2),
    "peaks": lambda _: Peaks(1, 123.4, 5.6),
    "energy": lambda _: Sides(Energy(40.0, 2.0, 8.0), Energy(39.0, 1.0, 16.0)),
    "speed": lambda models: measured_speed(models, silent, 0.2),
}


def kept(value: Value | None = None, **changed: object) -> tuple[Measured, str]:
    asked = replace(Asked("text", Sides("teacher", "student"), "sentiment", EXAMPLE.texts), **changed)
    one = measurements.measured(asked, value or profile(1.9, 2.0))
    identity = measurements.keep(one)
    assert identity
    return one, identity


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_recalled_as_it_was_measured(kind: str, tiny_pairs: dict[str, Sides[Model]]) -> None:
    one, identity = kept(MADE[kind](tiny_pairs["sentiment"]), kind=kind)
    st.cache_resource.clear()  # as a new process begins
    again = measurements.recall(identity)
    assert again and again.asked == one.asked and again.machine == machine()
    assert type(again.value) is KINDS[kind]
    assert encode(again) == encode(one)


def test_a_measurement_says_where_and_when_itself_if_it_can() -> None:
    slow = profile(1.9, 2.0)
    for value, kind in ((slow, "text"), (Sweep("tokens", (slow,)), "sweep")):
        one, _ = kept(value, kind=kind)
        assert (one.machine, one.started) == (MACHINE, slow.started)
    peaks = measurements.measured(Asked("peaks"), Peaks(1, 2.0, 3.0), "2026-11-27T10:00:00+00:00")
    assert (peaks.machine, peaks.started) == (machine(), "2026-11-27T10:00:00+00:00")


def test_an_id_leads_to_its_own_bytes_only() -> None:
    one, identity = kept()
    other, other_identity = kept(texts=("another text",))
    assert identity != other_identity
    store().put(measurements._key(identity), encode(other))  # whole, but not what the id was made of
    assert measurements.recall(identity) is None
    whole = encode(one)
    for damaged in (whole[:-1], whole + b"\0", whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], b""):
        store().put(measurements._key(identity), damaged)
        assert measurements.recall(identity) is None
    store().put(measurements._key(identity), whole)
    assert encode(measurements.recall(identity)) == whole


def test_bytes_that_are_no_measurement_are_refused_under_their_own_id() -> None:
    odd = [encode(Peaks(1, 2.0, 3.0)), b"none", encode(kept()[0]).replace(b'"kind":"text"', b'"kind":"swep"')]
    for data in odd:
        identity = measurements._hash(data)
        store().put(measurements._key(identity), data)
        assert measurements.recall(identity) is None


@pytest.mark.parametrize("kind", ["sweep", "unknown"])
def test_a_measurement_is_of_the_kind_that_was_asked(kind: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Measured(Asked(kind), profile(1.9, 2.0), MACHINE, "2026-11-27T10:00:00+00:00")


@pytest.mark.parametrize(
    "identity", ["", "0" * 16, "0" * 15, "0" * 64, "../../etc/passwd", "ABCDEF0123456789", "é" * 16]
)
def test_an_unknown_id_recalls_nothing(identity: str) -> None:
    store().put(identity, b"a result")
    assert measurements.recall(identity) is None


def test_nothing_is_kept_where_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLENS_CACHE_GB", "0.000001")
    st.cache_resource.clear()
    assert measurements.keep(measurements.measured(Asked("text"), profile(1.9, 2.0))) is None


def test_how_long_they_are_kept_is_said_as_the_store_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measurements.how_long() == "as long as it has room for them"
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    assert measurements.how_long() == "for 30 days"


def test_what_is_asked_is_told_apart_by_the_weights_and_not_by_their_folder(
    tiny_pairs: dict[str, Sides[Model]],
) -> None:
    sides = tiny_pairs["sentiment"].map(lambda model: model.checkpoint)
    found = measurements.asked("text", sides, "sentiment", texts=EXAMPLE.texts)
    assert found.checkpoints == tiny_pairs["sentiment"].map(lambda model: model.fingerprint)
    assert sides.teacher.source not in str(found)


def test_places_are_one_for_each_sweep_and_each_task_of_the_quality() -> None:
    one = Asked("text", task="sentiment")
    assert one.place == replace(one, task="entities").place == replace(one, texts=("a",)).place
    for kind, changed in (("sweep", {"axis": "batch"}), ("quality", {"task": "entities"})):
        assert replace(one, kind=kind).place != replace(one, kind=kind, **changed).place
