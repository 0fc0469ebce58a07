"""How alike are the layers of two models? Measures, grids of layers with interval and null, and where tokens go.

A representation is a matrix [unit, width]: one row a token (or word, or sentence), one column a neuron. Two are
comparable when their rows are the same units in the same order; their widths may differ.
"""
