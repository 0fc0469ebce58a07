"""The cost of an answer on this machine: time with its spread, time by stage, memory, operations and throughput."""
