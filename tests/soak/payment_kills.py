"""A1 and A5: everything around the payments is killed or emptied while twenty thousand of them are paid."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psycopg

from chassis import clock
from chassis.launcher.throwaway import ThrowawayServers, throwaway_servers
from chassis.queue.doorbell import Doorbell
from migrations.apply import ensure_database, ensure_roles, upgrade
from tests.conftest import PASSWORDS, TestDatabase
from tests.payments.judging import faults_of
from tests.payments.trade import Trade, opened_trade
from tests.soak.record import ROOT, Result

NAME = "payment-kills"
DESCRIPTION = (
    "People's desk, workers, sweeper, bank, Valkey and PostgreSQL are killed or emptied while payments are planned, "
    "batched, approved, sent, answered and returned (A1, A5)."
)
LEASE_SECONDS, WORKERS = 2, 2
DEEDS = {
    "worker killed": 35,
    "desk killed": 15,
    "sweeper killed": 8,
    "bank killed": 15,
    "PostgreSQL killed": 12,
    "Valkey killed": 7,
    "Valkey emptied": 8,
}
BANK = ("--every", "0.5", "--refused", "100", "--returned", "100", "--delayed", "300", "--delay", "3")
BANK += ("--return-after", "3", "--lost", "300", "--unreceipted", "300")
STUCK_SECONDS = 60


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--payments", type=int, default=20_000)


def run(args: argparse.Namespace) -> Result:
    with throwaway_servers(durable=True) as servers, ExitStack() as stack:
        soak = Soak(servers, random.Random(args.seed), payments=args.payments, kills=args.kills)
        stack.callback(soak.close)
        return soak.run()


class Soak:
    def __init__(self, servers: ThrowawayServers, chance: random.Random, *, payments: int, kills: int) -> None:
        self.servers, self.chance, self.payments, self.kills = servers, chance, payments, kills
        admin_url = servers.postgres.superuser_url()
        ensure_database(admin_url, "soak")
        owner_url = servers.postgres.superuser_url("soak")
        ensure_roles(owner_url, PASSWORDS)
        upgrade(owner_url)
        self.folder = servers.folder / "trade"
        self.folder.mkdir()
        self.trade: Trade = opened_trade(TestDatabase(owner_url), self.folder, advance_fen=10**12)
        self.deeds: Counter[str] = Counter()
        self.busy = 0
        self._processes: dict[str, subprocess.Popen] = {}
        self._logs: Counter[str] = Counter()

    @property
    def memory(self) -> Path:
        return self.folder / "data" / "simulated-bank" / "memory.sqlite"

    def run(self) -> Result:
        begun = time.monotonic()
        self._pace(1)
        self._keep_alive()
        time.sleep(5)
        for number in range(1, self.kills + 1):
            self._pace(number)
            self._wait_until_all_work()
            deed = self.chance.choices(list(DEEDS), weights=DEEDS.values())[0]
            self.busy += self._waits_until_busy()
            self._do(deed)
            self.deeds[deed] += 1
            self._keep_alive()
            if number % 10 == 0:
                print(f"  {number:>4}/{self.kills} {deed:<20} {self._progress()}", flush=True)
            time.sleep(self.chance.uniform(0.3, 2.5))
        last = time.monotonic()
        while not self._is_over() and time.monotonic() - last < 900:
            self._keep_alive()
            time.sleep(1)
        return self._judge(time.monotonic() - begun, time.monotonic() - last)

    def _pace(self, number: int) -> None:
        """The payments come with the kills: one that finds nothing on its way proves nothing."""
        written = self.folder / "pace.new"
        written.write_text(str(self.payments * number // self.kills))
        written.replace(self.folder / "pace")

    def close(self) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
        self.trade.close()

    def _commands(self) -> dict[str, list[str]]:
        own = [sys.executable, "-m", "tests.payments.process"]
        bank = [sys.executable, "-m", "simulated_bank", "--folder", str(self.folder / "data" / "bank"), *BANK]
        workers = {f"worker {number}": [*own, "worker"] for number in range(1, WORKERS + 1)}
        return {"sweeper": [*own, "sweeper"], "desk": [*own, "desk"], "bank": bank, **workers}

    def _keep_alive(self) -> None:
        """What the launcher does in a house: start again what ended; the desk ends when all is approved."""
        env = {
            **os.environ,
            "TRIAL_FOLDER": str(self.folder),
            "TRIAL_DATABASE_URL": self.trade.test_database.url("contractor_rw"),
            "TRIAL_REDIS_URL": self.servers.valkey.url(),
            "TRIAL_LEASE_SECONDS": str(LEASE_SECONDS),
            "TRIAL_PAYMENTS": str(self.payments),
            "TRIAL_PEOPLE": json.dumps(self.trade.people),
        }
        for name, command in self._commands().items():
            process = self._processes.get(name)
            if process is not None and (process.poll() is None or (name == "desk" and process.returncode == 0)):
                continue
            self._logs[name] += 1
            with self._log(name).open("wb") as log:
                self._processes[name] = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)

    def _log(self, name: str) -> Path:
        return self.servers.folder / f"{name} {self._logs[name]}.log"

    def _do(self, deed: str) -> None:
        what, _space, act = deed.partition(" ")
        match what:
            case "worker":
                self._kill(f"worker {self.chance.randint(1, WORKERS)}")
            case "desk" | "sweeper" | "bank":
                self._kill(what)
            case "PostgreSQL":
                self.servers.postgres.kill()
                time.sleep(self.chance.uniform(0, 1))
                self.servers.postgres.start()
                self._connect_again()
            case "Valkey" if act == "killed":
                self.servers.valkey.kill()
                time.sleep(self.chance.uniform(0, 2))
                self.servers.valkey.start()
            case "Valkey":
                Doorbell(self.servers.valkey.url()).redis.flushall()

    def _kill(self, name: str) -> None:
        self._processes[name].kill()
        self._processes[name].wait()

    def _wait_until_all_work(self) -> None:
        """To kill what is still starting proves nothing, and killed one by one on a busy machine none would work."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            self._keep_alive()
            done = [name for name, one in self._processes.items() if name == "desk" and one.poll() == 0]
            if all(name in done or self._log(name).read_bytes() for name in self._processes if name != "sweeper"):
                return
            time.sleep(0.2)

    def _connect_again(self) -> None:
        self.trade.__dict__.pop("owner", None)
        self.trade.database.engine.dispose()

    def _progress(self) -> str:
        try:
            return " ".join(f"{state} {count}" for state, count in sorted(self.trade.states().items()))
        except psycopg.OperationalError:
            self.trade.__dict__.pop("owner", None)
            return "PostgreSQL is away"

    def _waits_until_busy(self) -> bool:
        """Wait a little for the next payments; whether some are on their way now."""
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                if self._moving():
                    return True
            except psycopg.OperationalError:
                self.trade.__dict__.pop("owner", None)
            time.sleep(0.1)
        return False

    def _moving(self) -> int:
        on_their_way = ("planned", "in_batch", "sent", "in_doubt")
        return sum(count for state, count in self.trade.states().items() if state in on_their_way)

    def _is_over(self) -> bool:
        states = self.trade.states()
        moving = self._moving()
        if moving or sum(states.values()) < self.payments or self._processes["desk"].poll() is None:
            return False
        # What the bank still sends back or says is waited for: its inbox is empty and every batch is settled.
        inbox = self.folder / "data" / "bank" / self.trade.county_code / "inbox"
        is_quiet = not [path for path in inbox.iterdir() if not path.name.startswith(".")]
        if not is_quiet or set(self.trade.batch_states()) - {"settled", "discarded"}:
            return False
        time.sleep(8)
        return not [path for path in inbox.iterdir() if not path.name.startswith(".")]

    def _judge(self, seconds: float, after_last: float) -> Result:
        faults = faults_of(self.trade, self.memory, wanted=self.payments, at=clock.now())
        slowest, batches = self.trade.owner.execute(
            "SELECT max(extract(epoch FROM settled_at - taken_at)), count(*) FROM contractor.payment_batch "
            "WHERE state = 'settled'"
        ).fetchone()
        from_approval = self.trade.owner.execute(
            "SELECT max(extract(epoch FROM taken_at - approved_at)) FROM contractor.payment_batch "
            "WHERE state = 'settled'"
        ).fetchone()[0]
        rounds = self.trade.owner.execute(
            "SELECT event, count(*) FROM contractor.batch_event GROUP BY event ORDER BY event"
        ).fetchall()
        dead = self.trade.owner.execute("SELECT count(*) FROM contractor.task WHERE state = 'dead'").fetchone()[0]
        counts = {
            "payments": self.payments,
            "batches settled": batches,
            **{f"state: {state}": count for state, count in sorted(self.trade.states().items())},
            "kills": sum(self.deeds.values()),
            "– with payments on their way": self.busy,
            **{f"– {deed}": self.deeds[deed] for deed in DEEDS},
            **{f"batches {event}": count for event, count in rounds},
            "lost": faults.get("lost", 0) + faults.get("payments missing", 0),
            "doubled": faults.get("doubled", 0),
            "books that do not hold": faults.get("books that do not hold", 0),
            "slowest batch, approved to taken by the bank": f"{from_approval or 0:.1f} s",
            "slowest batch, taken to the last answer": f"{slowest or 0:.1f} s",
            "from the last kill to the end": f"{after_last:.1f} s",
            **{f"exceptions: {kind}": count for kind, count in sorted(self.trade.exceptions().items())},
            "dead tasks": dead,
            "seconds of the run": f"{seconds:.0f}",
        }
        found = [f"{name}: {count}" for name, count in faults.items()]
        if (from_approval or 0) > STUCK_SECONDS or (slowest or 0) > STUCK_SECONDS:
            found.append(f"a batch stood still for more than {STUCK_SECONDS} s")
        if dead:
            found.append(f"{dead} tasks are dead")
        remarks = [
            "The desk is the people's acts through the verbs in a process of its own, killed in the place of the web: "
            "it plans, batches, submits and approves, and goes on where the killed one stopped.",
            "The bank loses 3 % of the files, receipts 3 % only when asked, refuses and returns 1 % each.",
            "Exceptions of kind `parity` say that nobody decided these payments: the trial has no claims.",
            "Doubled and lost are counted in the bank's own memory, not in what we know of it.",
        ]
        return Result(counts, found, remarks)
