"""Do one task: its effect and its completion in one transaction, or neither."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from enum import StrEnum

import structlog
from rq.timeouts import BaseTimeoutException, UnixSignalDeathPenalty
from sqlalchemy.orm import Session

from chassis import clock
from chassis.db import Database
from chassis.queue import leases, metrics
from chassis.queue.failpoints import failpoint
from chassis.queue.failures import Hopeless, LeaseLost, scrubbed
from chassis.queue.handlers import Handler, Step, TaskAtHand, handler_of
from chassis.queue.heartbeat import Heartbeat

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    DONE = "done"
    PUT_OFF = "put_off"
    BURIED = "buried"
    RELEASED = "released"
    LOST = "lost"


class StepTookTooLong(BaseTimeoutException):
    """The handler's own limit is over."""


def execute(database: Database, held: TaskAtHand, *, heartbeat: Heartbeat, stopping: Callable[[], bool]) -> Outcome:
    """Do the task at hand. Mistakes of its handler end here; a lost database connection leaves the lease to expire."""
    begun = time.perf_counter()
    labels = (held.desk.key, held.kind)
    handler = handler_of(held.desk, held.kind)
    try:
        if handler is None:
            outcome = _bury(database, held, "NoHandler: nobody at this desk knows this kind")
        elif held.attempts > handler.attempts:
            # Each of its tries ended without a word, so it kills or outlives its workers.
            outcome = _bury(database, held, "LeaseExpired: every try ended without a word")
        else:
            with heartbeat.beating_for(database, held, handler.limit_seconds):
                outcome = _steps(database, held, handler, heartbeat, stopping)
    except LeaseLost:
        outcome = Outcome.LOST
        metrics.LEASES_LOST.labels(*labels).inc()
    except Exception as error:
        outcome = _failed(database, held, handler, error)
    if outcome is Outcome.DONE:
        metrics.DONE.labels(*labels).inc()
        metrics.SECONDS.labels(*labels).observe(time.perf_counter() - begun)
    return outcome


def _steps(
    database: Database, held: TaskAtHand, handler: Handler, heartbeat: Heartbeat, stopping: Callable[[], bool]
) -> Outcome:
    while True:
        step = database.retrying(_one_transaction(held, handler, heartbeat.lease))
        failpoint("commit.after")
        if step is None:
            return Outcome.DONE
        held = replace(
            held,
            cursor=step.cursor,
            progress_done=step.progress_done,
            progress_all=step.progress_all,
        )
        heartbeat.allow(handler.limit_seconds)
        if stopping():
            with database.transaction() as session:
                leases.release(session, held)
            return Outcome.RELEASED


def _one_transaction(held: TaskAtHand, handler: Handler, lease: dt.timedelta) -> Callable[[Session], Step | None]:
    def work(session: Session) -> Step | None:
        failpoint("effect.before")
        with _limit(handler.limit_seconds):
            step = handler.deed(session, held, clock.now())
            session.flush()
        failpoint("effect.after")
        if step is None:
            leases.finish(session, held)
        else:
            leases.advance(session, held, step, lease)
        failpoint("commit.before")
        return step

    return work


def _failed(database: Database, held: TaskAtHand, handler: Handler | None, error: Exception) -> Outcome:
    words = scrubbed(error)
    log.warning("task_failed", desk=held.desk.key, kind=held.kind, task_id=held.id, error=words)
    try:
        with database.transaction() as session:
            attempts = leases.attempts_of(session, held)
            is_last = handler is None or isinstance(error, Hopeless) or attempts >= handler.attempts
            if is_last:
                leases.bury(session, held, words)
            else:
                leases.put_off(session, held, words, handler.wait_after(attempts))
    except LeaseLost:
        metrics.LEASES_LOST.labels(held.desk.key, held.kind).inc()
        return Outcome.LOST
    if is_last:
        return _buried(held, words)
    metrics.FAILED.labels(held.desk.key, held.kind).inc()
    return Outcome.PUT_OFF


def _bury(database: Database, held: TaskAtHand, reason: str) -> Outcome:
    with database.transaction() as session:
        leases.bury(session, held, reason)
    return _buried(held, reason)


def _buried(held: TaskAtHand, reason: str) -> Outcome:
    metrics.DEAD.labels(held.desk.key, held.kind).inc()
    log.error("task_dead", desk=held.desk.key, kind=held.kind, task_id=held.id, error=reason)
    return Outcome.BURIED


def _limit(seconds: int):
    """An alarm works in the main thread only; elsewhere the lease and statement_timeout bound a handler."""
    if threading.current_thread() is not threading.main_thread():
        return nullcontext()
    return UnixSignalDeathPenalty(seconds, StepTookTooLong)
