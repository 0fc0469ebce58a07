"""The page Start: one disagreement, three numbers, and where else the embedded pair disagrees; all of it ships."""
