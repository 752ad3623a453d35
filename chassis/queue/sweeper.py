"""Every ten seconds: take back what silent workers hold, ring for what nobody heard, post what is due by the clock.

Any number of sweepers may run; `python -m coopmed sweeper SITE` starts `main`.
"""

from __future__ import annotations

import datetime as dt
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from chassis import clock
from chassis.db import Database
from chassis.house import House, open_house
from chassis.queue import leases, metrics
from chassis.queue.doorbell import MOST_RINGS, Doorbell, ring_name
from chassis.queue.failures import scrubbed
from chassis.queue.handlers import load_handlers
from chassis.queue.periodic import post_periodic
from chassis.queue.queries import due_tasks, queue_state
from chassis.settings import read_settings

SECONDS_BETWEEN = 10
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Sweep:
    taken_back: int
    posted: int
    rung: int


def sweep(database: Database, doorbell: Doorbell | None, *, at: dt.datetime) -> Sweep:
    """One round over a desk's queue, each part in its own transaction so that none holds up another."""
    desk = database.desk
    with database.transaction() as session:
        taken_back = leases.release_expired(session)
    with database.transaction() as session:
        posted = post_periodic(session, desk, at=at)
    metrics.LEASES_EXPIRED.labels(desk.key).inc(len(taken_back))
    with database.transaction() as session:
        due = due_tasks(session, most=MOST_RINGS)
        state = queue_state(session)
    metrics.OLDEST_WAITING.labels(desk.key).set(state.oldest_due_seconds)
    for name in ("waiting", "running", "dead"):
        metrics.OPEN.labels(desk.key, name).set(getattr(state, name))
    if taken_back:
        log.warning("leases_expired", desk=desk.key, count=len(taken_back))
    return Sweep(len(taken_back), posted, _ring_again(doorbell, database, due))


def _ring_again(doorbell: Doorbell | None, database: Database, due: list[tuple[str, int]]) -> int:
    """Ring for what is due and stands in no bell. Where Redis cannot say what it holds, the workers drain."""
    if doorbell is None or not due:
        return 0
    unheard = doorbell.unheard(database.desk)
    if unheard is None:
        return 0
    return doorbell.ring(database.desk, [one for one in due if ring_name(database.desk, *one) not in unheard])


def sweep_until(stop: threading.Event, databases: list[Database], doorbell: Doorbell | None, *, seconds: float) -> None:
    while not stop.is_set():
        for database in databases:
            try:
                sweep(database, doorbell, at=clock.now())
            except DBAPIError as error:
                log.warning("database_gone", desk=database.desk.key, error=scrubbed(error))
        stop.wait(seconds)


def main(site: str, *, beside: Callable[[House], None] = lambda house: None) -> None:
    """Sweep a site's desks until SIGTERM or SIGINT. `beside` is given the open house first: logs, a beacon."""
    settings = read_settings()
    house = open_house(settings, site)
    beside(house)
    load_handlers(site)
    databases = list(house.databases.values())
    doorbell = Doorbell(settings.redis_url) if settings.redis_url else None
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    log.info("sweeper_started", site=site)
    sweep_until(stop, databases, doorbell, seconds=SECONDS_BETWEEN)
    house.close()
    log.info("sweeper_stopped", site=site)
