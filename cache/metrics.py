"""What a server counts, for Prometheus: never a text, nor anything else that tells who asked what."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

COMPUTATIONS = Counter(
    "distillens_computations", "Computations that had their turn, by kind and outcome.", ["kind", "outcome"]
)
SECONDS = Histogram(
    "distillens_computation_seconds",
    "How long a computation had its turn.",
    ["kind"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000),
)
WAITED = Histogram(
    "distillens_queue_seconds",
    "How long a computation waited for its turn.",
    buckets=(0.01, 0.1, 0.3, 1, 3, 10, 30, 100, 300),
)
REFUSED = Counter("distillens_refused", "Computations that were refused, by reason.", ["reason"])
RESULTS = Counter("distillens_results", "Results that were asked for, by where they were found.", ["found"])
STORED_BYTES = Counter("distillens_stored_bytes", "Bytes of results put into the store or got from it.", ["way"])
WAITING = Gauge("distillens_queue_waiting", "Computations that wait for their turn now.")
STUCK = Gauge("distillens_queue_stuck", "1 while a computation holds the turn that can no longer be given up.")
MEMORY_BYTES = Gauge("distillens_memory_bytes", "Bytes that are kept in memory.", ["what"])
SESSIONS = Gauge("distillens_sessions", "Readers who are connected.")
