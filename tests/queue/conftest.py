"""A desk with a queue, a doorbell of the test's own that it may silence, and workers it may kill."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from chassis import clock
from chassis.db import Database
from chassis.launcher.valkey import ValkeyServer
from chassis.queue import periodic
from chassis.queue.doorbell import Doorbell, hang
from chassis.queue.outbox import NewTask, post, post_many
from chassis.queue.sweeper import Sweep, sweep
from chassis.queue.tables import Task
from chassis.queue.worker import Worker
from tests.conftest import _copy
from tests.queue.trial import COUNTY, empty_the_queues, make_effect_tables

fresh_copy = contextmanager(_copy)
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120


def eventually(claim: Callable[[], object], what: str = "it") -> None:
    """Wait for something that must become true; how long it takes is not what is tested."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, f"{what} did not come true in {PATIENCE_SECONDS} s"
        time.sleep(0.05)


class TrialDesk:
    def __init__(self, test_database, valkey: ValkeyServer) -> None:
        self.test_database = test_database
        self.valkey = valkey
        self.doorbell = Doorbell(valkey.url())
        self._databases: list[Database] = []
        self.database = self.new_database()
        self._processes: list[subprocess.Popen] = []

    def new_database(self, desk_key: str = "contractor") -> Database:
        database = self.test_database.desk(desk_key)
        hang(database, self.doorbell)
        self._databases.append(database)
        return database

    def post(self, kind: str, **given) -> int:
        natural_key, run_at = given.pop("natural_key", None), given.pop("run_at", None)
        with self.database.transaction() as session:
            return post(
                session,
                county_code=COUNTY,
                kind=kind,
                payload=given,
                at=clock.now(),
                natural_key=natural_key,
                run_at=run_at,
            ).id

    def post_many(self, kind: str, count: int) -> None:
        with self.database.transaction() as session:
            tasks = [NewTask({"number": number}) for number in range(count)]
            post_many(session, county_code=COUNTY, kind=kind, tasks=tasks, at=clock.now())

    def worker(self, *, lease_seconds: float = 60, bell: bool = True) -> Worker:
        return Worker(
            [self.new_database()],
            doorbell=Doorbell(self.valkey.url()) if bell else None,
            lease=dt.timedelta(seconds=lease_seconds),
        )

    @contextmanager
    def working(self, worker: Worker) -> Iterator[Worker]:
        thread = threading.Thread(target=worker.work)
        thread.start()
        try:
            yield worker
        finally:
            worker.ask_to_stop()
            thread.join()

    def process(self, part: str = "worker", *, fail_at: str = "", lease_seconds: float = 1) -> subprocess.Popen:
        env = {
            **os.environ,
            "TRIAL_DATABASE_URL": self.test_database.url("contractor_rw"),
            "TRIAL_REDIS_URL": self.valkey.url(),
            "TRIAL_LEASE_SECONDS": str(lease_seconds),
            "COOPMED_ENVIRONMENT": "test",
            "COOPMED_FAIL_AT": fail_at,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.queue.process", part],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._processes.append(process)
        assert process.stdout.readline() == b"ready\n", process.stdout.read().decode()
        return process

    def sweep(self) -> Sweep:
        return sweep(self.database, self.doorbell, at=clock.now())

    def task(self, task_id: int) -> Task:
        with self.database.transaction() as session:
            return session.get_one(Task, (COUNTY, task_id))

    def states(self) -> Counter:
        with self.database.transaction() as session:
            return Counter(session.scalars(select(Task.state)))

    def effects(self) -> Counter:
        """How often each (task, step) took effect."""
        with self.database.transaction() as session:
            rows = session.execute(text("SELECT task_id, step FROM contractor.trial_effect")).all()
            return Counter((task_id, step) for task_id, step in rows)

    def fences(self) -> set[int]:
        """Under which fences the effects were written."""
        with self.database.transaction() as session:
            return set(session.scalars(text("SELECT fence FROM contractor.trial_effect")))

    def mend(self) -> None:
        with self.database.transaction() as session:
            session.execute(text("INSERT INTO contractor.trial_mended VALUES (1)"))

    def finish_everything(self) -> None:
        """Sweep and drain until nothing is open."""

        def is_finished() -> bool:
            self.sweep()
            worker.drain()
            states = self.states()
            return states["waiting"] + states["running"] == 0

        worker = self.worker(bell=False)
        eventually(is_finished, "the end of all tasks")
        worker.heartbeat.close()

    def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
            process.stdout.close()
        for database in self._databases:
            database.engine.dispose()
        self.valkey.start()
        self.doorbell.redis.flushall()


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    with tempfile.TemporaryDirectory(prefix="coopmed-queue-") as folder:
        server = ValkeyServer(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def queue_database(servers, template):
    """One database for all tests of the queue: copying one for each would take longer than the tests."""
    with fresh_copy(servers, template) as database:
        make_effect_tables(database.owner_url)
        yield database


@pytest.fixture()
def queues(queue_database, monkeypatch):
    """The database with the queues of all desks empty, where nothing is periodic but what the trial says.

    In the whole suite the rooms of the sites are loaded too, and a sweep would post what they ask for.
    """
    trials = {kind: what for kind, what in periodic._periodics.items() if kind.startswith("trial.")}
    monkeypatch.setattr(periodic, "_periodics", trials)
    empty_the_queues(queue_database.owner_url)
    return queue_database


@pytest.fixture()
def desk(queues, valkey: ValkeyServer) -> Iterator[TrialDesk]:
    trial = TrialDesk(queues, valkey)
    yield trial
    trial.close()
