"""What is said about DistilBERT, put to the test: claims with their sources, and a verdict on each from measurements.

Reading order: targets, evidence, values; sizes, quality, training and speed, which measure; the claims on each of them;
table; verdicts.
"""
