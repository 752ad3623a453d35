"""The doorbell: tells a worker through RQ that a task is there. Losing every ring loses no task.

A ring carries a desk, a county code and a task's number in JSON, nothing else. Redis being away is noticed, logged
and counted; it never fails the effect that posted the task.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

from chassis.db import Database, after_commit
from chassis.desks import Desk
from chassis.queue import metrics
from chassis.queue.failpoints import failpoint
from chassis.queue.failures import scrubbed

RING = "chassis.queue.worker.run"
MOST_RINGS = 500
"""More rings than this at once tell a worker nothing new: it drains what is due when its bell falls silent."""
PAUSE_SECONDS = 5
log = structlog.get_logger(__name__)


class Doorbell:
    """One process's hand on the bell. After a failure it rests, so that requests do not wait for Redis one by one."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self.redis = self._connect(answer_seconds=1)
        self._silent_until = 0.0

    def ring(self, desk: Desk, tasks: Sequence[tuple[str, int]]) -> int:
        """Ring for `(county_code, id)`s. Returns how many were rung; never raises for Redis being away."""
        if not tasks:
            return 0
        if time.monotonic() < self._silent_until:
            metrics.RINGS.labels(desk.key, "unheard").inc(len(tasks))
            return 0
        try:
            failpoint("ring.before")
            rung = self._enqueue(desk, tasks[:MOST_RINGS])
            failpoint("ring.after")
        except (RedisError, OSError) as error:
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            metrics.RINGS.labels(desk.key, "unheard").inc(len(tasks))
            log.warning("doorbell_unheard", desk=desk.key, count=len(tasks), error=scrubbed(error))
            return 0
        metrics.RINGS.labels(desk.key, "rung").inc(rung)
        return rung

    def unheard(self, desk: Desk) -> set[str] | None:
        """The ring names still waiting in Redis, to ring only for what is missing; None where nobody can say."""
        try:
            queue = self.queue(desk)
            return set(queue.get_job_ids(0, 4 * MOST_RINGS))
        except (RedisError, OSError):
            return None

    def listener(self, seconds: float) -> Redis:
        """Connections for a worker that waits up to `seconds` for a ring."""
        return self._connect(answer_seconds=seconds + 4)

    def _connect(self, *, answer_seconds: float) -> Redis:
        # One try and short waits: whoever rings is somebody's request, whoever listens has PostgreSQL to drain.
        return Redis.from_url(
            self._redis_url, socket_timeout=answer_seconds, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
        )

    def queue(self, desk: Desk) -> Queue:
        return Queue(desk.queue, connection=self.redis, serializer=JSONSerializer)

    def _enqueue(self, desk: Desk, tasks: Sequence[tuple[str, int]]) -> int:
        queue = self.queue(desk)
        rings = {
            ring_name(desk, county_code, task_id): Queue.prepare_data(
                RING,
                args=(desk.key, county_code, task_id),
                job_id=ring_name(desk, county_code, task_id),
                description=ring_name(desk, county_code, task_id),
                timeout=-1,
                result_ttl=0,
                failure_ttl=60,
            )
            for county_code, task_id in tasks
        }
        queue.enqueue_many(rings.values())
        return len(rings)


def ring_name(desk: Desk, county_code: str, task_id: int) -> str:
    return f"{desk.key}-{county_code}-{task_id}"


def hang(database: Database, doorbell: Doorbell) -> None:
    """Give every session of a desk's database the doorbell."""
    database.info["doorbell"] = doorbell


def ring_after_commit(session: Session, tasks: Sequence[tuple[str, int]]) -> None:
    """Ring once for all tasks of this transaction when it is committed; never when it is rolled back."""
    doorbell = session.info.get("doorbell")
    if doorbell is None:
        return
    waiting = session.info.setdefault("rings", [])
    if not waiting:
        after_commit(session, lambda: doorbell.ring(session.info["desk"], session.info.pop("rings", [])))
    waiting.extend(tasks)
