"""How fast a pair is, as claims take it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.claims.evidence import Timing
from analysis.claims.evidence_from import speed
from analysis.claims.judging import judge
from analysis.latency.profile import LatencyProfile
from analysis.models.model import Model, load
from analysis.models.pairs import Sides
from analysis.progress import silent
from tests.support.checkpoint_folders import ARCHITECTURES, tiny
from tests.support.judged import (
    CLAIM,
    PUBLISHED_PAIR,
    results,
)


def test_speed_is_measured_in_both_precisions_like_the_papers(
    tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "ROUNDS", 12)
    monkeypatch.setattr(LatencyProfile, "inconclusive_reason", None)  # as on a quiet machine
    heard: list[float] = []
    found = speed.measured_speed(tiny_pairs["sentiment"], heard.append)
    for one, precision in ((found.floats, "float32"), (found.integers, "int8")):
        assert isinstance(one, Timing)
        assert one.times.low <= one.times.value <= one.times.high
        assert f"texts of 32 tokens, 1 at a time, 1 thread, sdpa, {precision}, 12 interleaved rounds" in one.conditions
    assert min(*found.peak_bytes, *found.operations) > 0
    assert heard == sorted(heard)
    assert heard[-1] == 1


def test_models_that_read_less_say_so_and_are_judged_by_the_rest(tmp_path: Path) -> None:
    models = Sides(*(load(tiny(tmp_path / kind, kind, max_positions=16), "sentiment") for kind in ARCHITECTURES))
    known = replace(PUBLISHED_PAIR, speed=speed.measured_speed(models, silent))
    assert judge(CLAIM["60% faster"], known).why == "The length in tokens is 32; here it can be 3 to 16."
    assert results("60% faster", known)["operations"].reason == speed.TOO_SHORT
