"""The worked examples in docstrings are true."""

import doctest
from types import ModuleType

import pytest

from analysis import statistics, wording
from analysis.claims import criteria, judging
from analysis.claims.evidence_from import speed
from analysis.inputs import examples, words
from analysis.latency import measure
from analysis.predictions import entities
from dashboard.latency import measure_button
from dashboard.predictions import answers

MODULES = [answers, criteria, entities, examples, judging, measure, measure_button, speed, statistics, wording, words]


@pytest.mark.parametrize("module", MODULES)
def test_examples_are_true(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
