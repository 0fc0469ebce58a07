"""The parts of the page on attributions, one module each."""
