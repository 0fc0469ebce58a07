"""The experiment that produced the embedded pair: its records, its metrics, and the report of what was kept."""
