"""The parts of the attention page, one module each."""
