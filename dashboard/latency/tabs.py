"""The tabs of the page in their order."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.frame import Question
from dashboard.latency.controls import with_controls
from dashboard.latency.cost import cost
from dashboard.latency.profile import profile
from dashboard.latency.quality import quality
from dashboard.latency.stages import stages

TABS: dict[str, Callable[[Question], None]] = {
    "Profile": with_controls(profile),
    "Where the time goes": with_controls(stages),
    "Cost": with_controls(cost),
    "Quality per millisecond": with_controls(quality),
}
