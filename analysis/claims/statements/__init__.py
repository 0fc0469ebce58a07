"""The claims about DistilBERT, a file for each kind, and their table."""
