"""A worker, sweeper or poster as a process of its own, for tests that kill and freeze it.

`python -m tests.queue.process worker|sweeper|post` with TRIAL_DATABASE_URL, TRIAL_REDIS_URL and TRIAL_LEASE_SECONDS.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import threading

from chassis import clock
from chassis.db import Database, make_engine
from chassis.desks import CONTRACTOR
from chassis.queue.doorbell import Doorbell, hang
from chassis.queue.outbox import post
from chassis.queue.sweeper import sweep_until
from chassis.queue.worker import Worker, stop_on_signals
from tests.queue.trial import COUNTY


def main(part: str) -> None:
    database = Database(CONTRACTOR, make_engine(os.environ["TRIAL_DATABASE_URL"], schema="contractor"))
    redis_url = os.environ.get("TRIAL_REDIS_URL")
    doorbell = Doorbell(redis_url) if redis_url else None
    if doorbell:
        hang(database, doorbell)
    lease = dt.timedelta(seconds=float(os.environ.get("TRIAL_LEASE_SECONDS", "60")))
    print("ready", flush=True)
    if part == "worker":
        worker = Worker([database], doorbell=doorbell, lease=lease)
        stop_on_signals(worker)
        worker.work()
    elif part == "sweeper":
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        sweep_until(stop, [database], doorbell, seconds=lease.total_seconds() / 2)
    elif part == "post":
        with database.transaction() as session:
            post(session, county_code=COUNTY, kind="trial.note", payload={}, at=clock.now())


if __name__ == "__main__":
    main(sys.argv[1])
