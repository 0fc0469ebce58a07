"""The experiment that made the embedded pair: its record, its metrics, and the report of what was kept."""
