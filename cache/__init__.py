"""What is remembered: models and traces in the process, finished results across restarts, and the keys of both."""
