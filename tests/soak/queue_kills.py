"""Kill, freeze and silence everything around the queue while it works, then count effects."""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from chassis import clock
from chassis.db import Database, make_engine
from chassis.desks import CONTRACTOR
from chassis.launcher.throwaway import ThrowawayServers, throwaway_servers
from chassis.queue.doorbell import Doorbell, hang
from chassis.queue.outbox import NewTask, post_many
from migrations.apply import ensure_database, ensure_roles, upgrade
from tests.queue.trial import CHUNKS, COUNTY, make_effect_tables
from tests.soak.record import ROOT, Result

NAME = "queue-kills"
DESCRIPTION = (
    "Workers, sweeper, Valkey and PostgreSQL are killed, frozen or emptied while tasks are posted and done (A1)."
)
LEASE_SECONDS = 2
WORKERS = 3
MOST_OPEN = 60
# What is done to the house, and how often in a hundred.
DEEDS = {
    "worker killed": 45,
    "worker frozen past its lease": 15,
    "sweeper killed": 10,
    "Valkey emptied": 10,
    "Valkey killed": 8,
    "PostgreSQL killed": 12,
}
KINDS = {"trial.note": 70, "trial.slow_note": 20, "trial.chunks": 10}
DATABASE, PASSWORD = "soak", "soak"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--tasks", type=int, default=10_000)


def run(args: argparse.Namespace) -> Result:
    with throwaway_servers(durable=True) as servers, ExitStack() as stack:
        soak = Soak(servers, random.Random(args.seed), tasks=args.tasks, kills=args.kills)
        stack.callback(soak.close)
        return soak.run()


class Soak:
    def __init__(self, servers: ThrowawayServers, chance: random.Random, *, tasks: int, kills: int) -> None:
        self.servers, self.chance, self.tasks, self.kills = servers, chance, tasks, kills
        admin_url = servers.postgres.superuser_url()
        ensure_database(admin_url, DATABASE)
        self.owner_url = servers.postgres.superuser_url(DATABASE)
        ensure_roles(self.owner_url, {"contractor_rw": PASSWORD})
        upgrade(self.owner_url)
        make_effect_tables(self.owner_url)
        self.url = servers.postgres.url("contractor_rw", DATABASE, PASSWORD)
        self.database = Database(CONTRACTOR, make_engine(self.url, schema="contractor"))
        hang(self.database, Doorbell(servers.valkey.url()))
        self.done_deeds: Counter[str] = Counter()
        self.rolled_back = 0
        self.unacknowledged = 0
        self._processes: dict[str, subprocess.Popen] = {}
        self._starts: Counter[str] = Counter()
        self._poster = threading.Thread(target=self._post, name="poster")
        self._posting_ends = threading.Event()
        self._seed_of_posting = chance.random()

    def run(self) -> Result:
        self._keep_alive()
        while len(self._ready_workers()) < WORKERS:
            time.sleep(0.1)
        begun = time.monotonic()
        self._poster.start()
        for number in range(1, self.kills + 1):
            deed = self.chance.choices(list(DEEDS), weights=DEEDS.values())[0]
            self._do(deed)
            self.done_deeds[deed] += 1
            print(f"  {number:>4}/{self.kills} {deed:<30} {self._progress()}", flush=True)
            self._keep_alive()
            time.sleep(self.chance.uniform(0.5, 4))
        self._poster.join()
        last_kill = time.monotonic()
        while self._open() and time.monotonic() - last_kill < 180:
            self._keep_alive()
            time.sleep(0.2)
        return self._judge(time.monotonic() - begun, time.monotonic() - last_kill)

    def close(self) -> None:
        self._posting_ends.set()
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
        if self._poster.is_alive():
            self._poster.join()
        self.database.engine.dispose()

    def _names(self) -> list[str]:
        return ["sweeper", *(f"worker {number}" for number in range(1, WORKERS + 1))]

    def _start(self, name: str) -> None:
        env = {
            **os.environ,
            "TRIAL_DATABASE_URL": self.url,
            "TRIAL_REDIS_URL": self.servers.valkey.url(),
            "TRIAL_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        self._starts[name] += 1
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.queue.process", name.partition(" ")[0]],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
            )

    def _log(self, name: str) -> Path:
        return self.servers.folder / f"{name} {self._starts[name]}.log"

    def _ready_workers(self) -> list[str]:
        """Those that work: to kill one that is still starting proves nothing."""
        return [
            name
            for name in self._names()
            if name != "sweeper" and self._processes[name].poll() is None and b"ready" in self._log(name).read_bytes()
        ]

    def _keep_alive(self) -> None:
        """What the launcher does in a house: start again what ended."""
        for name in self._names():
            if name not in self._processes or self._processes[name].poll() is not None:
                self._start(name)

    def _do(self, deed: str) -> None:
        # On a busy machine a worker starts slowly; killed one by one they would never work.
        while len(self._ready_workers()) < WORKERS:
            self._keep_alive()
            time.sleep(0.1)
        worker = self._processes[f"worker {self.chance.randint(1, WORKERS)}"]
        match deed:
            case "worker killed":
                worker.kill()
                worker.wait()
            case "worker frozen past its lease":
                worker.send_signal(signal.SIGSTOP)
                time.sleep(LEASE_SECONDS * 2)
                worker.send_signal(signal.SIGCONT)
            case "sweeper killed":
                self._processes["sweeper"].kill()
                self._processes["sweeper"].wait()
            case "Valkey emptied":
                Doorbell(self.servers.valkey.url()).redis.flushall()
            case "Valkey killed":
                self.servers.valkey.kill()
                time.sleep(self.chance.uniform(0, 3))
                self.servers.valkey.start()
            case "PostgreSQL killed":
                self.servers.postgres.kill()
                time.sleep(self.chance.uniform(0, 1))
                self.servers.postgres.start()

    def _post(self) -> None:
        """Post every task once, however often a commit's answer is lost; some effects are rolled back on purpose."""
        chance = random.Random(self._seed_of_posting)
        number = 0
        while number < self.tasks and not self._posting_ends.is_set():
            count = min(chance.choice([1, 1, 1, 2, 5, 20]), self.tasks - number)
            kind = chance.choices(list(KINDS), weights=KINDS.values())[0]
            batch = [NewTask({"milliseconds": 60}, natural_key=f"task/{number + one}") for one in range(count)]
            if chance.random() < 0.1:
                self._roll_back(kind, number)
            while not self._posted(kind, batch):
                self.unacknowledged += 1
                time.sleep(0.3)
            number += count
            self._wait_for_room()

    def _wait_for_room(self) -> None:
        """With a short queue a task that waits long is one that is stuck, and not one of a crowd."""
        while not self._posting_ends.is_set():
            try:
                if self._open() < MOST_OPEN:
                    return
            except psycopg.OperationalError:
                pass  # PostgreSQL is being killed; asking again is what everybody does.
            time.sleep(0.1)

    def _posted(self, kind: str, batch: list[NewTask]) -> bool:
        try:
            with self.database.transaction() as session:
                post_many(session, county_code=COUNTY, kind=kind, tasks=batch, at=clock.now())
        except SQLAlchemyError:
            return False
        return True

    def _roll_back(self, kind: str, number: int) -> None:
        try:
            with self.database.transaction() as session:
                never = [NewTask({"milliseconds": 60}, natural_key=f"never/{number}")]
                post_many(session, county_code=COUNTY, kind=kind, tasks=never, at=clock.now())
                session.rollback()
        except SQLAlchemyError:
            return
        self.rolled_back += 1

    def _ask(self, question: str) -> list:
        with psycopg.connect(self.owner_url) as connection:
            return connection.execute(question).fetchall()

    def _open(self) -> int:
        return self._ask("SELECT count(*) FROM contractor.task WHERE state IN ('waiting', 'running')")[0][0]

    def _progress(self) -> str:
        return " ".join(
            f"{state} {count}"
            for state, count in self._ask("SELECT state, count(*) FROM contractor.task GROUP BY 1 ORDER BY 1")
        )

    def _judge(self, seconds: float, after_last: float) -> Result:
        states = dict(self._ask("SELECT state, count(*) FROM contractor.task GROUP BY 1"))
        wanted = {
            (task_id, step)
            for task_id, kind in self._ask("SELECT id, kind FROM contractor.task")
            for step in range(CHUNKS if kind == "trial.chunks" else 1)
        }
        found = Counter((t, s) for t, s in self._ask("SELECT task_id, step FROM contractor.trial_effect"))
        lost, foreign = len(wanted - found.keys()), len(found.keys() - wanted)
        doubled = sum(1 for count in found.values() if count > 1)
        never = self._ask("SELECT count(*) FROM contractor.task WHERE natural_key LIKE 'never/%'")[0][0]
        releases, slowest = self._ask(
            "SELECT sum(fence - 1) FILTER (WHERE fence > 1), "
            "max(extract(epoch FROM done_at - created_at)) FROM contractor.task"
        )[0]
        counts = {
            "tasks posted": sum(states.values()),
            "tasks done": states.get("done", 0),
            "effects wanted": len(wanted),
            "effects found": sum(found.values()),
            "lost": lost,
            "doubled": doubled,
            "kills": sum(self.done_deeds.values()),
            **{f"– {deed}": self.done_deeds[deed] for deed in DEEDS},
            "posts rolled back on purpose": self.rolled_back,
            "posts whose answer was lost and that were sent again": self.unacknowledged,
            "leases after a first one": int(releases or 0),
            "slowest task, from posted to done": f"{slowest:.1f} s",
            "from the last post or kill to the last effect": f"{after_last:.1f} s",
            "tasks per second over the run": f"{sum(states.values()) / seconds:.0f}",
        }
        checks = {
            f"{self.tasks} tasks were to be posted": sum(states.values()) == self.tasks,
            f"not all tasks are done: {states}": states.get("done", 0) == self.tasks,
            f"{lost} effects are lost": lost == 0,
            f"{doubled} effects are doubled": doubled == 0,
            f"{foreign} effects belong to no task": foreign == 0,
            f"{never} rolled-back posts are there": never == 0,
            "a task waited longer than 60 s": (slowest or 0) <= 60,
        }
        remarks = [
            f"{WORKERS} workers and a sweeper as processes, leases of {LEASE_SECONDS} s, PostgreSQL with fsync on.",
            "The effect table has no unique constraint: nothing but the queue keeps a second effect out.",
        ]
        return Result(counts, [fault for fault, holds in checks.items() if not holds], remarks)
