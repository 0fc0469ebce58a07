"""A finding that somebody saved, shown as it was measured there."""

from dashboard.report.open_panel import open_panel

open_panel()
