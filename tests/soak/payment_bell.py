"""A5 on money: a batch of ten thousand payments while Valkey is emptied again and again, then gone, then back."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

from chassis import clock
from chassis.desks import CONTRACTOR
from chassis.house import House
from chassis.identity.demo import ensure_demo_staff
from chassis.launcher.throwaway import ThrowawayServers, throwaway_servers
from chassis.queue.doorbell import Doorbell, hang
from chassis.settings import read_settings
from contractor.app import create_app
from demo.people import staff_of
from migrations.apply import ensure_database, ensure_roles, upgrade
from tests.conftest import PASSWORDS, TestDatabase
from tests.demo.house import signed_in
from tests.payments.judging import faults_of
from tests.payments.trade import AT, Trade, opened_trade
from tests.sites import post
from tests.soak.record import ROOT, Result

NAME = "payment-bell"
DESCRIPTION = (
    "One batch of 10,000 payments is approved, sent and answered while Valkey is emptied over and over, then gone, "
    "then back; people work at the desk meanwhile (A5)."
)
PAGES = ("/payments", "/payments/answers", "/payments/opening", "/ledger", "/payments/batches/1")
BANK = ("--every", "0.5", "--refused", "100", "--returned", "100", "--delayed", "5000", "--delay", "8")
SMALL = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--payments", type=int, default=10_000)
    parser.add_argument("--gone", type=float, default=20, help="seconds without Valkey")


def run(args: argparse.Namespace) -> Result:
    with throwaway_servers(durable=True) as servers, ExitStack() as stack:
        soak = Soak(servers, random.Random(args.seed), args.payments, args.gone)
        stack.callback(soak.close)
        return soak.run()


@dataclass
class Visits:
    """What the desk answered while this went on."""

    answers: Counter[int] = field(default_factory=Counter)
    without_valkey: int = 0
    slowest: float = 0


class Soak:
    def __init__(self, servers: ThrowawayServers, chance: random.Random, payments: int, gone: float) -> None:
        self.servers, self.chance, self.payments, self.gone = servers, chance, payments, gone
        ensure_database(servers.postgres.superuser_url(), "soak")
        owner_url = servers.postgres.superuser_url("soak")
        ensure_roles(owner_url, PASSWORDS)
        upgrade(owner_url)
        self.folder = servers.folder / "trade"
        self.folder.mkdir()
        self.trade: Trade = opened_trade(TestDatabase(owner_url), self.folder, advance_fen=10**12)
        self.visits = Visits()
        self.over, self.is_away = threading.Event(), False
        self._processes: list[subprocess.Popen] = []
        self.desk = self._desk()

    def run(self) -> Result:
        begun = time.monotonic()
        doorbell = Doorbell(self.servers.valkey.url())
        hang(self.trade.database, doorbell)
        self.trade.plan(self.trade.numbered(1, self.payments))
        (batch,) = self.trade.submitted()
        visitor = threading.Thread(target=self._visit)
        visitor.start()
        self._start()
        self.trade.approve(batch)
        doorbell.redis.flushall()
        emptied = self._empty_until(doorbell, lambda: self._paid() > self.payments // 4)
        self.servers.valkey.kill()
        self.is_away = True
        away = time.monotonic()
        self._small_batch_by_the_web()
        while time.monotonic() - away < self.gone:
            time.sleep(0.5)
        paid_while_away = self._paid()
        self.is_away = False
        self.servers.valkey.start()
        emptied += self._empty_until(Doorbell(self.servers.valkey.url()), self._is_settled)
        time.sleep(8)
        self.over.set()
        visitor.join()
        return self._judge(time.monotonic() - begun, emptied, paid_while_away)

    def close(self) -> None:
        self.over.set()
        for process in self._processes:
            process.kill()
            process.wait()
        self.trade.close()

    def _desk(self):
        env = {
            "COOPMED_ENVIRONMENT": "demo",
            "COOPMED_KEY_FILE": str(self.folder / "keys.json"),
            "COOPMED_SECRET_KEY_FILE": str(self.folder / "secret"),
            "COOPMED_DATA_DIR": str(self.folder / "data"),
            "COOPMED_REDIS_URL": self.servers.valkey.url(),
        }
        settings = read_settings(env)
        with self.trade.database.transaction() as session:
            for county_code, staff in staff_of("contractor").items():
                ensure_demo_staff(session, county_code=county_code, people=staff, at=AT, settings=settings)
        app = create_app(House(settings, "workspace", {CONTRACTOR.key: self.trade.database}))
        return {name: signed_in(app, name) for name in ("lead", "cashier")}

    def _start(self) -> None:
        env = {
            **os.environ,
            "TRIAL_FOLDER": str(self.folder),
            "TRIAL_DATABASE_URL": self.trade.test_database.url("contractor_rw"),
            "TRIAL_REDIS_URL": self.servers.valkey.url(),
            "TRIAL_PEOPLE": json.dumps(self.trade.people),
        }
        own = [sys.executable, "-m", "tests.payments.process"]
        bank = [sys.executable, "-m", "simulated_bank", "--folder", str(self.folder / "data" / "bank"), *BANK]
        for number, command in enumerate(([*own, "worker"], [*own, "worker"], [*own, "sweeper"], bank)):
            with (self.servers.folder / f"part {number}.log").open("wb") as log:
                self._processes.append(subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log))

    def _visit(self) -> None:
        while not self.over.is_set():
            path = self.chance.choice(PAGES)
            begun, was_away = time.monotonic(), self.is_away
            self.visits.answers[self.desk["lead"].get(path).status_code] += 1
            self.visits.slowest = max(self.visits.slowest, time.monotonic() - begun)
            self.visits.without_valkey += was_away
            time.sleep(0.2)

    def _small_batch_by_the_web(self) -> None:
        """A cashier makes and submits a batch while nobody hears the bell."""
        self.trade.plan(self.trade.numbered(self.payments + 1, SMALL))
        cashier = self.desk["cashier"]
        made = post(cashier, "/payments/make", {"fund": "pooled", "payee_kind": "institution"}, form_on="/payments")
        assert made.status_code == 303, f"a batch could not be made without Valkey: {made.status_code}"
        here = made.headers["Location"]
        assert post(cashier, f"{here}/submit", {"version": "0"}, form_on=here).status_code == 303
        self.trade.approve(int(here.rsplit("/", 1)[1]))

    def _empty_until(self, doorbell: Doorbell, is_enough) -> int:
        emptied, until = 0, time.monotonic() + 300
        while not is_enough() and time.monotonic() < until:
            doorbell.redis.flushall()
            emptied += 1
            time.sleep(self.chance.uniform(0.1, 0.6))
        return emptied

    def _paid(self) -> int:
        return self.trade.states().get("paid", 0)

    def _is_settled(self) -> bool:
        return set(self.trade.batch_states()) == {"settled"}

    def _judge(self, seconds: float, emptied: int, paid_while_away: int) -> Result:
        memory = self.folder / "data" / "simulated-bank" / "memory.sqlite"
        faults = faults_of(self.trade, memory, wanted=self.payments + SMALL, at=clock.now())
        found = [f"{name}: {count}" for name, count in faults.items()]
        if set(self.visits.answers) - {200}:
            found.append(f"the desk answered {dict(self.visits.answers)}")
        if not self.visits.without_valkey:
            found.append("nobody visited the desk while Valkey was gone")
        counts = {
            "payments": self.payments + SMALL,
            "payments of the large batch": self.payments,
            **{f"state: {state}": count for state, count in sorted(self.trade.states().items())},
            "times Valkey was emptied": emptied,
            "seconds Valkey was gone": f"{self.gone:.0f}",
            "paid when Valkey came back": paid_while_away,
            "pages answered by the desk": sum(self.visits.answers.values()),
            "– while Valkey was gone": self.visits.without_valkey,
            "slowest page": f"{self.visits.slowest:.2f} s",
            "lost": faults.get("lost", 0) + faults.get("payments missing", 0),
            "doubled or ordered in two files": faults.get("doubled", 0) + faults.get("ordered in two files", 0),
            "seconds of the run": f"{seconds:.0f}",
        }
        remarks = [
            "The batch was approved and Valkey emptied at once, so that its ring was never heard.",
            f"While Valkey was gone a cashier made and submitted a batch of {SMALL} at the desk; it was paid too.",
        ]
        return Result(counts, found, remarks)
