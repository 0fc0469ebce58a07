"""The sections of the page Models, one module each."""
