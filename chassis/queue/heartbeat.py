"""A thread that tells the database the worker is alive while a handler is busy. A frozen process has no heartbeat."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import DBAPIError

from chassis.db import Database
from chassis.queue.failures import scrubbed
from chassis.queue.handlers import TaskAtHand
from chassis.queue.leases import extend

log = structlog.get_logger(__name__)


class Heartbeat:
    """Extends the lease of the task at hand every third of a lease, but not past the handler's own limit."""

    def __init__(self, lease: dt.timedelta) -> None:
        self.lease = lease
        self._at_hand: tuple[Database, TaskAtHand, float] | None = None
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def beating_for(self, database: Database, held: TaskAtHand, limit_seconds: float) -> Iterator[None]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
            self._thread.start()
        self._at_hand = (database, held, time.monotonic() + limit_seconds)
        try:
            yield
        finally:
            self._at_hand = None

    def allow(self, limit_seconds: float) -> None:
        """A new step of the same task may take as long again."""
        if self._at_hand is not None:
            database, held, _until = self._at_hand
            self._at_hand = (database, held, time.monotonic() + limit_seconds)

    def close(self) -> None:
        self._closed.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _beat(self) -> None:
        while not self._closed.wait(self.lease.total_seconds() / 3):
            at_hand = self._at_hand
            if at_hand is None or time.monotonic() > at_hand[2]:
                continue
            database, held, _until = at_hand
            try:
                with database.transaction() as session:
                    extend(session, held, self.lease)
            except DBAPIError as error:
                # A missed beat is not a failure: the lease lasts for two more.
                log.warning("heartbeat_missed", task_id=held.id, error=scrubbed(error))
