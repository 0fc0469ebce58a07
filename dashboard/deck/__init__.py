"""A walkthrough as slides and as a static site, in a folder that works without a network."""
