"""Panels of the similarity page, one module a panel."""
