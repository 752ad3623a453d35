"""RQ's part: wait at the doorbell of one or more desks and hand what is rung to the worker.

A ring may only say "look at this task": whatever else stands in Redis is not called, so that who can write to Redis
can make no worker run code.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker.base import DequeueStrategy, DequeueTimeout
from sqlalchemy.exc import DBAPIError

from chassis.queue import metrics
from chassis.queue.doorbell import RING

if TYPE_CHECKING:
    from chassis.queue.worker import Worker

SECONDS_AT_THE_BELL = 1
HEARTBEAT_SECONDS = 30
log = structlog.get_logger(__name__)


class Ring(Job):
    """A job of RQ as the house understands it: a desk, a county code, a task's number."""

    def perform(self) -> Any:
        raise AssertionError("a ring is answered by the Answerer, not performed by itself")

    def meaning(self) -> tuple[str, str, int] | None:
        """Whom it rings for; None when it is not a ring of ours."""
        try:
            if self.func_name != RING or self.kwargs:
                return None
            arguments = list(self.args)
        except DeserializationError:
            return None
        match arguments:
            case [str() as desk_key, str() as county_code, int() as task_id]:
                return desk_key, county_code, task_id
        return None


class Answerer(SimpleWorker):
    """RQ's worker with a loop of our own: PostgreSQL knows what is running, done and dead, and Redis gives no orders.

    RQ's loop swallows what it does not expect, keeps books on every job and takes commands (stop, pause) from Redis.
    """

    job_class = Ring

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._beaten_at = 0.0
        connection = worker.doorbell.listener(SECONDS_AT_THE_BELL)
        queues = [
            Queue(database.desk.queue, connection=connection, serializer=JSONSerializer, job_class=Ring)
            for database in worker.databases.values()
        ]
        # RQ refuses a name it believes alive; after Redis was away the old registration may still stand.
        name = f"{worker.name}-{secrets.token_hex(3)}"
        super().__init__(queues, connection=connection, serializer=JSONSerializer, name=name)
        self._dequeue_strategy = DequeueStrategy.ROUND_ROBIN

    def answer(self) -> None:
        """Answer rings until the worker is asked to stop. Raises RedisError when Redis goes away."""
        self.register_birth()
        try:
            while not self.worker.is_stopping:
                self._beat()
                rung = self._listen()
                if rung is None:
                    self._safely(self.worker.drain)
                else:
                    self._answer_one(*rung)
        finally:
            with suppress(RedisError):
                self.register_death()

    def _set_connection(self, connection: Redis) -> Redis:
        """Keep the listener's own short timeouts; RQ would wait seven minutes for a Redis that hangs."""
        return connection

    def _listen(self) -> tuple[Ring, Queue] | None:
        """The next ring, or None after a second of silence."""
        try:
            rung = self.queue_class.dequeue_any(
                self._ordered_queues,
                SECONDS_AT_THE_BELL,
                connection=self.connection,
                job_class=self.job_class,
                serializer=self.serializer,
            )
        except DequeueTimeout:
            return None
        if rung is not None:
            self.reorder_queues(reference_queue=rung[1])
        return rung

    def _answer_one(self, ring: Ring, queue: Queue) -> None:
        meaning = ring.meaning()
        # The ring is heard: its traces in Redis go before the work, which may be long or the last of this process.
        with self.connection.pipeline() as pipeline:
            pipeline.delete(ring.key)
            pipeline.lrem(queue.intermediate_queue_key, 1, ring.id)
            pipeline.execute()
        if meaning is None:
            metrics.RINGS.labels(queue.name.removeprefix("coopmed."), "refused").inc()
            log.error("ring_refused", queue=queue.name)
            return
        metrics.RINGS.labels(meaning[0] if meaning[0] in self.worker.databases else "unknown", "answered").inc()
        self._safely(lambda: self.worker.run(*meaning))

    def _safely(self, act: Callable[[], object]) -> None:
        """PostgreSQL being away leaves the task to its lease; the worker rests and goes on."""
        try:
            act()
        except DBAPIError as error:
            self.worker.rest_from(error)

    def _beat(self) -> None:
        """Show now and then, to `rq info`, that somebody listens; and clear what a dead listener left half heard."""
        if time.monotonic() - self._beaten_at > HEARTBEAT_SECONDS:
            self._beaten_at = time.monotonic()
            self.heartbeat()
            self.clean_registries()
