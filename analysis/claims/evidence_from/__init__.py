"""Where the evidence for claims comes from, a file for each source."""
