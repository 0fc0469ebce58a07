"""How alike are the layers of two models? Measures, layer maps with interval and null, word drift, and the logit lens.

A representation is a matrix [example, width]: one row per example (a token, a word or a sentence), one column per
neuron. Two are comparable if their rows are the same examples in the same order; their widths may differ.

To read in this order: `kernels`, `canonical_correlations`, `geometry` and `measures` (two matrices), `representations`
(examples of a text or corpus), `cka_contributions`, `layer_maps` and `jackknife` (all layers), `summary`; then
`word_drift` and `logit_lens`.
"""
