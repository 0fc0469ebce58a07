"""The worked examples in docstrings are true."""

import doctest
from types import ModuleType

import pytest

from analysis import comparison, decoding, examples, predictions, words
from analysis.latency import measure
from dashboard import panels


@pytest.mark.parametrize("module", [comparison, decoding, examples, measure, panels, predictions, words])
def test_examples_are_true(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
