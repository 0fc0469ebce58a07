"""A finding to hand on: a report that opens without a network, its tables, its numbers, and a script to check them."""
