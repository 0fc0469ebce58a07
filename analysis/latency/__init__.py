"""What an answer costs on this machine: time with its spread, where the time goes, memory, operations, throughput."""
