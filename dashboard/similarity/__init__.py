"""The page Similarity: its controls, and one module per tab."""
