"""How each site is served, in the demo and in production: `gunicorn -c config/gunicorn.py contractor.app:app`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def _whole_number(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdigit() or int(value) < 1:
        raise SystemExit(f"{name} is {value!r}; expected a whole number from 1.")
    return int(value)


def _memory_folder() -> str | None:
    """Workers prove they live by touching a file; on a busy disk that touch alone can take longer than the timeout."""
    shared = Path("/dev/shm")  # noqa: S108 - gunicorn makes its own unnamed files there
    return str(shared) if shared.is_dir() and os.access(shared, os.W_OK) else None


worker_class = "gthread"
# Imported once per site and forked: half the start on a small machine. No connection is opened before the fork.
preload_app = True
workers = _whole_number("COOPMED_WEB_WORKERS", 2)
threads = _whole_number("COOPMED_WEB_THREADS", 4)
worker_tmp_dir = _memory_folder()
tmp_upload_dir = tempfile.gettempdir()

# A request may take as long as the database lets its statements run (60 s), and a stop waits for it a while.
timeout = 90
graceful_timeout = 20
keepalive = 5

# Fresh processes now and then keep a slow leak from ever becoming an incident; jitter keeps them from going together.
max_requests = 20_000
max_requests_jitter = 2_000

limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# X-Forwarded-* is believed only from proxies named here; by default from none, not even from this machine.
forwarded_allow_ips = os.environ.get("COOPMED_FORWARDED_ALLOW_IPS", "")
# Names such as X_Forwarded_For would otherwise pass for the dashed ones.
header_map = "refuse"

# The applications write one structured line per request, with its id and without personal data.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("COOPMED_LOG_LEVEL", "info")

# The launcher sends signals; a control socket in somebody's home folder is one more door.
control_socket_disable = True
proc_name = f"coopmed-{os.environ.get('COOPMED_SITE', 'site')}"


def when_ready(server):
    """What the site consists of is set aside before it is forked: no request waits while all of it is walked over."""
    from chassis.garbage import walk_seldom

    walk_seldom()


def child_exit(server, worker):
    """A dead worker's gauges leave the sums of /metrics."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
