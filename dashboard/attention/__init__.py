"""Panels of the attention page, one module each."""
