"""The page Claims: one card per claim, with its verdict and the evidence for it."""
