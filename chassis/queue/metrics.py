"""What Prometheus hears about the queue. Labels are desks and kinds, never ids."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

POSTED = Counter("coopmed_tasks_posted_total", "Tasks written with an effect.", ["desk", "kind"])
TAKEN = Counter("coopmed_tasks_taken_total", "Leases given.", ["desk", "kind"])
DONE = Counter("coopmed_tasks_done_total", "Tasks whose effect was committed.", ["desk", "kind"])
FAILED = Counter("coopmed_tasks_failed_total", "Attempts that failed and will be tried again.", ["desk", "kind"])
DEAD = Counter("coopmed_tasks_dead_total", "Tasks given up; people decide.", ["desk", "kind"])
LEASES_LOST = Counter(
    "coopmed_task_leases_lost_total", "Effects rolled back because another had taken over.", ["desk", "kind"]
)
LEASES_EXPIRED = Counter("coopmed_task_leases_expired_total", "Tasks taken back from a silent worker.", ["desk"])
RINGS = Counter("coopmed_task_rings_total", "Rings of the doorbell.", ["desk", "outcome"])
SECONDS = Histogram(
    "coopmed_task_seconds",
    "From lease to commit.",
    ["desk", "kind"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800),
)
WAITED = Histogram(
    "coopmed_task_waited_seconds",
    "From due to lease.",
    ["desk"],
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800, 7200),
)
OLDEST_WAITING = Gauge(
    "coopmed_task_oldest_waiting_seconds", "Age of the longest due task that nobody has taken.", ["desk"]
)
OPEN = Gauge("coopmed_tasks", "Tasks by state, done ones apart.", ["desk", "state"])
