"""The parts of the page on latency, one module each."""
