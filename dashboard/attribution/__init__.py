"""The page Attributions, one module per tab, with its controls and the text whose words are tinted."""
