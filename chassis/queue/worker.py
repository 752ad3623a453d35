"""The worker of a site: answers the doorbell, and drains what is due from PostgreSQL where the bell is silent.

It runs tasks in its own process, one at a time: the compiled engine stays warm, and a crash costs one lease.
`python -m coopmed worker SITE` starts `main`.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from chassis.db import Database
from chassis.garbage import walk_seldom
from chassis.house import House, open_house
from chassis.queue import leases, metrics
from chassis.queue.answering import Answerer
from chassis.queue.doorbell import Doorbell
from chassis.queue.execution import Outcome, execute
from chassis.queue.failpoints import failpoint
from chassis.queue.failures import LeaseLost, scrubbed
from chassis.queue.handlers import TaskAtHand, load_handlers
from chassis.queue.heartbeat import Heartbeat
from chassis.settings import read_settings

LEASE = dt.timedelta(seconds=60)
IDLE_SECONDS = 1.0
log = structlog.get_logger(__name__)


class Worker:
    """Works the tasks of one or more desks until it is asked to stop."""

    def __init__(
        self,
        databases: Sequence[Database],
        *,
        doorbell: Doorbell | None = None,
        house: Any = None,
        name: str | None = None,
        lease: dt.timedelta = LEASE,
    ) -> None:
        self.databases = {database.desk.key: database for database in databases}
        self.doorbell = doorbell
        self.house = house
        self.name = name or f"{socket.gethostname()}-{os.getpid()}"
        self.lease = lease
        self.heartbeat = Heartbeat(lease)
        self._stop = threading.Event()
        for database in databases:
            _forget_connections_after_fork(database)

    def ask_to_stop(self) -> None:
        """Finish the task at hand, or the step at hand of a long one, and leave."""
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    def run(self, desk_key: str, county_code: str, task_id: int) -> Outcome | None:
        """Answer one ring. None where the task is no longer due: done, taken, or never committed."""
        database = self.databases.get(desk_key)
        if database is None:
            return None
        failpoint("claim.before")
        with database.transaction() as session:
            held = leases.take(session, database.desk, county_code, task_id, by=self.name, lease=self.lease)
        return self._do(database, held) if held else None

    def run_next(self, desk_key: str) -> Outcome | None:
        """Do the task of a desk that has been due longest; None when nothing is due."""
        database = self.databases[desk_key]
        failpoint("claim.before")
        with database.transaction() as session:
            held = leases.take_next(session, database.desk, by=self.name, lease=self.lease)
        return self._do(database, held) if held else None

    def drain(self, *, seconds: float | None = None) -> int:
        """Do what is due, one task of each desk in turn, until nothing is, or time is up. Returns how many."""
        until = time.monotonic() + seconds if seconds is not None else None
        count = 0
        busy = set(self.databases)
        for desk_key in itertools.cycle(self.databases):
            if not busy or self.is_stopping or (until is not None and time.monotonic() > until):
                return count
            if desk_key in busy:
                if self.run_next(desk_key) is None:
                    busy.discard(desk_key)
                else:
                    count += 1
        return count

    def work(self) -> None:
        """The worker's life: with the doorbell where there is one, without it where Redis is gone."""
        while not self.is_stopping:
            try:
                if self.doorbell is not None:
                    Answerer(self).answer()
                self.drain(seconds=5)
                self._stop.wait(IDLE_SECONDS)
            except RedisError as error:
                log.warning("doorbell_gone", worker=self.name, error=scrubbed(error))
                self.drain_calmly(seconds=5)
            except DBAPIError as error:
                self.rest_from(error)
        self.heartbeat.close()

    def drain_calmly(self, *, seconds: float) -> None:
        """Poll PostgreSQL for a while; what its absence interrupts is left to the lease."""
        until = time.monotonic() + seconds
        while not self.is_stopping and time.monotonic() < until:
            try:
                self.drain(seconds=seconds)
                self._stop.wait(min(IDLE_SECONDS, seconds))
            except DBAPIError as error:
                self.rest_from(error)

    def rest_from(self, error: DBAPIError) -> None:
        log.warning("database_gone", worker=self.name, error=scrubbed(error))
        self._stop.wait(IDLE_SECONDS)

    def _do(self, database: Database, held: TaskAtHand) -> Outcome:
        failpoint("claim.after")
        metrics.TAKEN.labels(held.desk.key, held.kind).inc()
        metrics.WAITED.labels(held.desk.key).observe(held.waited_seconds)
        held = replace(held, house=self.house)
        try:
            return execute(database, held, heartbeat=self.heartbeat, stopping=lambda: self.is_stopping)
        except LeaseLost:
            metrics.LEASES_LOST.labels(held.desk.key, held.kind).inc()
            return Outcome.LOST


def run(desk_key: str, county_code: str, task_id: int) -> None:
    """The name a ring carries. Only a Worker can answer it (`answering.Ring`), because only it has the databases."""
    raise RuntimeError(f"a ring for {desk_key} was answered outside a worker of the house")


def main(site: str, *, beside: Callable[[House], None] = lambda house: None) -> None:
    """Work a site's desks until SIGTERM or SIGINT. `beside` is given the open house first: logs, a beacon."""
    settings = read_settings()
    house = open_house(settings, site)
    beside(house)
    loaded = load_handlers(site)
    doorbell = Doorbell(settings.redis_url) if settings.redis_url else None
    worker = Worker(list(house.databases.values()), doorbell=doorbell, house=house)
    stop_on_signals(worker)
    walk_seldom()
    log.info("worker_started", site=site, worker=worker.name, count=len(loaded))
    worker.work()
    house.close()
    log.info("worker_stopped", site=site, worker=worker.name)


def stop_on_signals(worker: Worker) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: worker.ask_to_stop())


def _forget_connections_after_fork(database: Database) -> None:
    """A child never speaks on its parent's connections: they are left open for the parent and forgotten here."""
    os.register_at_fork(after_in_child=lambda: database.engine.dispose(close=False))
