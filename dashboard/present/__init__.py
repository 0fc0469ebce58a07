"""Talks: walkthroughs of steps, each a view of a page with two sentences, walked in presenter mode."""
