"""Attribution: how much of a target each word accounts for, asked of both models alike, and how good that account is.

In reading order: `asked` (a model and what it is asked), `baselines`, `path` (integrated gradients), the other methods,
`methods` (their table and `attribute`), `erasure` and `robustness` (their quality), `scale` (what the shares of both
models are of), `agreement`, `by_layer` and `moved` (before and after an edit).
"""
