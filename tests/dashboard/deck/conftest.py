"""The tiny pair of the report's tests."""

from tests.dashboard.report.conftest import pair

__all__ = ["pair"]
