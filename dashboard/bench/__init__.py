"""The bench on top of every page: the text, what is asked of it, and both models' answers in one line."""
