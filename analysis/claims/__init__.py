"""Claims about DistilBERT put to the test: each with its sources, and a verdict that follows from measurements.

Reading order: criteria, evidence, claim; evidence_from (sizes, quality, training and speed, which measure); statements,
the claims about each of them, and their table; judging.
"""
