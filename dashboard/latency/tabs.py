"""The panels of the page in their order, each under the title of its tab."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.latency.controls import Asked
from dashboard.latency.cost import cost
from dashboard.latency.profile import profile
from dashboard.latency.quality import quality
from dashboard.latency.stages import stages

PANELS: dict[str, Callable[[Asked], None]] = {
    "Profile": profile,
    "Where the time goes": stages,
    "Cost": cost,
    "Quality per millisecond": quality,
}
