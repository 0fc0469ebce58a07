"""The sections of the page Predictions, one module each."""
