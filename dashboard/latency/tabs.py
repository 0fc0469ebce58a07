"""The tabs of the page in their order."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.latency.controls import MeasurementRequest
from dashboard.latency.cost import cost
from dashboard.latency.profile import profile
from dashboard.latency.quality import quality
from dashboard.latency.stages import stages

TABS: dict[str, Callable[[MeasurementRequest], None]] = {
    "Profile": profile,
    "Where the time goes": stages,
    "Cost": cost,
    "Quality per millisecond": quality,
}
