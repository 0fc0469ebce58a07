"""What a model answers, and what can be asked of an answer: one file for each kind of task head, one row in `heads`."""
