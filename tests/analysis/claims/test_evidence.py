"""Which records are evidence for a pair."""

from __future__ import annotations

from pathlib import Path

from analysis.claims.evidence import recorded
from analysis.models.pairs import PAIRS, Checkpoint, Sides
from tests.support.made_up_experiment import write_records


def test_only_the_records_beside_both_checkpoints_count(tmp_path: Path) -> None:
    """For the embedded pair there are some; for folders elsewhere, the hub and random weights there are none."""
    for key, pair in PAIRS.items():
        for task, sides in pair.checkpoints.items():
            assert (recorded(sides, task) is not None) == (key == "embedded")
    folder = write_records(tmp_path)
    own = Sides(*(Checkpoint(str(folder / "sentiment" / side), side) for side in ("teacher", "student")))
    assert recorded(own, "sentiment") is not None
    assert recorded(own, "entities") is None
    assert recorded(Sides(own.student, own.teacher), "sentiment") is None
    assert recorded(Sides(PAIRS["embedded"].sides("sentiment").teacher, own.student), "sentiment") is None
