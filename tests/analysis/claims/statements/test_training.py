"""Claims about losses and corpora."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.claims.criteria import (
    FAILS,
    HOLDS,
    IN_PART,
    UNMEASURABLE,
)
from analysis.distillation.record import read_experiment
from tests.support.judged import (
    PUBLISHED_PAIR,
    results,
    verdict,
)
from tests.support.made_up_experiment import CURVES, EVALUATION, row, write_records


@pytest.mark.parametrize(
    ("logged", "added", "expected"),
    [
        ({"soft": 1.0, "mlm": 3.0, "cosine": 0.1}, (0.06, 0.05, 0.07), HOLDS),
        ({"soft": 1.0, "mlm": 3.0}, (0.06, 0.05, 0.07), IN_PART),
        ({"mlm": 3.0}, (-0.06, -0.07, -0.05), FAILS),
        ({"mlm": 3.0}, (0.01, -0.01, 0.02), FAILS),  # what they add may be chance, so that it has no say
    ],
)
def test_three_losses_must_be_logged_and_help(
    tmp_path: Path, logged: dict[str, float], added: tuple[float, float, float], expected: str
) -> None:
    pairs = [row("fill-mask", "distillation_adds:top1", *added)]
    student = [{"step": 1, "tokens": 10, "seconds": 1, **logged}]
    curves = {**CURVES, "stages": {"student": student}}
    experiment = read_experiment(write_records(tmp_path, {"rows": [], "pairs": pairs}, curves))
    assert verdict("A triple loss", replace(PUBLISHED_PAIR, experiment=experiment)) == expected


def test_corpora_are_those_of_the_records(tmp_path: Path) -> None:
    known = replace(PUBLISHED_PAIR, experiment=read_experiment(write_records(tmp_path)))
    found = results("The same training corpora", known)
    assert [result.verdict for result in found.values()] == [HOLDS, ""]
    same, read = (result.measured for result in found.values())
    assert (same.estimate.value, read.estimate.value) == (2, 50)  # two sources; 1 of the teacher's 2 million tokens
    silent = {**CURVES, "settings": {}}
    known = replace(PUBLISHED_PAIR, experiment=read_experiment(write_records(tmp_path, EVALUATION, silent)))
    assert verdict("The same training corpora", known) == UNMEASURABLE
