"""The worked examples in docstrings are true."""

import doctest
from types import ModuleType

import pytest

from analysis.claims import criteria as targets
from analysis.claims import judging as verdicts
from analysis.claims.evidence_from import speed
from analysis.inputs import examples, words
from analysis.latency import measure
from analysis.predictions import comparison
from analysis.predictions import entities as decoding
from analysis.predictions import values as predictions
from dashboard.latency import measure_button as measuring
from dashboard.predictions import answers as panels

MODULES = [comparison, decoding, examples, measure, measuring, panels, predictions, speed, targets, verdicts, words]


@pytest.mark.parametrize("module", MODULES)
def test_examples_are_true(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
