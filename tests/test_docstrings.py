"""The worked examples in docstrings are true."""

import doctest
from types import ModuleType

import pytest

from analysis import comparison, decoding, examples, predictions, words
from analysis.claims import speed, targets, verdicts
from analysis.latency import measure
from dashboard import panels
from dashboard.latency import measuring

MODULES = [comparison, decoding, examples, measure, measuring, panels, predictions, speed, targets, verdicts, words]


@pytest.mark.parametrize("module", MODULES)
def test_examples_are_true(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
