"""What Prometheus hears about requests. Labels are routes as the file names them, never addresses or ids."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY as OWN_PROCESS
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

REQUESTS = Counter("coopmed_requests_total", "Requests answered.", ["desk", "endpoint", "method", "status"])
SECONDS = Histogram(
    "coopmed_request_seconds",
    "From the first line of a request to its answer.",
    ["desk", "endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
REFUSALS = Counter("coopmed_refusals_total", "Acts refused, by the key of the refusal.", ["desk", "refusal"])


def exposition() -> bytes:
    """All figures of this process, or of all processes of the site when they share a folder."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(OWN_PROCESS)
    shared = CollectorRegistry()
    multiprocess.MultiProcessCollector(shared)
    return generate_latest(shared)
