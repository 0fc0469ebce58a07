"""The page Latency: its controls, one module per tab, and what the tabs share."""
