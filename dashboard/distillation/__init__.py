"""The sections of the page Distillation."""
