"""The claims about DistilBERT, one file per kind, and their table."""
