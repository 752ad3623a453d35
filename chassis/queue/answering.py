"""RQ's part: wait at the doorbell of one or more desks and hand what is rung to the worker.

A ring may only say "look at this task": whatever else stands in Redis is not called, so that who can write to Redis
can make no worker run code.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import structlog
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker.base import DequeueTimeout, StopRequested
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
    """RQ's worker without RQ's bookkeeping of jobs: PostgreSQL knows what is running, done and dead."""

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

    def _install_signal_handlers(self) -> None:
        """The worker has its own: it must also stop while it drains."""

    def _set_connection(self, connection: Redis) -> Redis:
        """Keep the listener's own short timeouts; RQ would wait seven minutes for a Redis that hangs."""
        return connection

    def subscribe(self) -> None:
        """No orders are taken through Redis: neither to stop nor, below, to pause."""

    def unsubscribe(self) -> None:
        pass

    def check_for_suspension(self, burst: bool) -> None:
        pass

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """RQ beats after every job; a beat now and then is enough for who looks on."""
        if time.monotonic() - self._beaten_at > HEARTBEAT_SECONDS:
            self._beaten_at = time.monotonic()
            super().heartbeat(timeout, pipeline)

    def dequeue_job_and_maintain_ttl(self, timeout: int | None, max_idle_time: int | None = None):
        """Wait for a ring; in every silent second do what is due all the same."""
        while not self.worker.is_stopping:
            self.heartbeat()
            try:
                rung = self.queue_class.dequeue_any(
                    self._ordered_queues,
                    SECONDS_AT_THE_BELL,
                    connection=self.connection,
                    job_class=self.job_class,
                    serializer=self.serializer,
                    death_penalty_class=self.death_penalty_class,
                )
            except DequeueTimeout:
                self._safely(self.worker.drain)
                continue
            if rung is not None:
                self.reorder_queues(reference_queue=rung[1])
                return rung
        raise StopRequested

    def execute_job(self, job: Ring, queue: Queue) -> None:
        meaning = job.meaning()
        # The ring is heard: its traces in Redis go before the work, which may be long or the last of this process.
        with self.connection.pipeline() as pipeline:
            pipeline.delete(job.key)
            pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
            pipeline.execute()
        if meaning is None:
            metrics.RINGS.labels(queue.name.removeprefix("coopmed."), "refused").inc()
            log.error("ring_refused", queue=queue.name)
            return
        self._safely(lambda: self.worker.run(*meaning))

    def _safely(self, act) -> None:
        """PostgreSQL being away leaves the task to its lease; the worker rests and goes on."""
        try:
            act()
        except DBAPIError as error:
            self.worker.rest_from(error)


def answer_the_bell(worker: Worker) -> None:
    """Answer rings until the worker is asked to stop. Raises RedisError when Redis goes away."""
    answerer = Answerer(worker)
    answerer.work(logging_level="CRITICAL", dequeue_strategy="round_robin")
    if not worker.is_stopping:
        raise RedisError("the doorbell fell silent")
