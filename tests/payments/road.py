"""The road of a payment with its named steps: walked by a worker that dies at each of them, or by one that lives."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chassis import clock
from chassis.db import Database
from chassis.desks import CONTRACTOR
from chassis.house import House
from chassis.queue.doorbell import Doorbell, hang, ring_name
from chassis.queue.failpoints import the_plan
from chassis.queue.sweeper import sweep
from chassis.queue.worker import Worker
from simulated_bank.bank import Bank
from simulated_bank.fates import Rates
from tests.payments.judging import faults_of
from tests.payments.trade import Trade

# What every task passes; then what an approval rings, a sending hands over and an answer's reading passes.
OF_A_TASK = ("claim.before", "claim.after", "effect.before", "effect.after", "commit.before", "commit.after")
RINGING = ("ring.before", "ring.after")
SENDING = (*OF_A_TASK, "bank.write.before", "bank.send.before", "bank.send.after")
READING = (*OF_A_TASK, "bank.answer.before")
RATES = Rates(refused=1000, returned=1000, delayed=0)
SOON = dt.timedelta(seconds=1)
EACH = 3

Act = Callable[[Database], object]


@dataclass
class Road:
    """Three payments for each step; `dies` false walks the same road with nobody dying."""

    trade: Trade
    redis_url: str
    dies: bool = True
    most_rounds: int = 100
    bank: Bank = field(init=False)

    def __post_init__(self) -> None:
        self.bank = self.trade.bank(RATES, return_seconds=0)

    @property
    def memory(self) -> Path:
        return self.trade.folder / "bank.sqlite"

    def walk(
        self, ringing: tuple[str, ...] = RINGING, sending: tuple[str, ...] = SENDING, reading: tuple[str, ...] = READING
    ) -> dict[str, int]:
        """What is wrong at the end; nothing, if all is well."""
        for point in ringing:
            (batch,) = self._submitted()
            self._meets(point, lambda database, batch=batch: self._approve_and_ring(database, batch))
        for point in sending:
            (batch,) = self._submitted()
            self.trade.approve(batch)
            self._meets(point, self._drain)
        for point in reading:
            (batch,) = self._submitted()
            self.trade.approve(batch)
            self.trade.work()
            self.bank.round(clock.now())
            self.trade.announce_listening()
            # The first task of those that wait lists the bank's files, the second reads one.
            self._meets(f"{point}:2" if point in OF_A_TASK else point, self._drain)
        self.settle()
        wanted = EACH * (len(ringing) + len(sending) + len(reading))
        found = self._faults(wanted)
        self._say_again()
        return found | self._faults(wanted)

    def settle(self) -> None:
        """Live on as the sweeper, a worker and the bank would, until every batch is settled and nothing waits."""
        for _round in range(self.most_rounds):
            self._turn()
            # A dead worker's task waits for its lease to run out, also where its batch is settled without it.
            if set(self.trade.batch_states()) == {"settled"} and not self._tasks_left():
                break
            time.sleep(0.3)
        for _round in range(2):
            self._turn()

    def end(self) -> dict[str, list[tuple]]:
        """All that is left of it, but for when it happened."""
        rows = self.trade.owner.execute
        memory = sqlite3.connect(self.memory)
        booked = memory.execute("SELECT end_to_end_id, side, amount_fen FROM booking ORDER BY 1, 2").fetchall()
        memory.close()
        return {
            "payments": rows(
                "SELECT id, state, amount_fen, settlement_id, batch_id, end_to_end_id "
                "FROM contractor.payment ORDER BY id"
            ).fetchall(),
            "batches": rows(
                "SELECT id, state, payment_count, total_fen, message_id FROM contractor.payment_batch ORDER BY id"
            ).fetchall(),
            "balances": sorted(self.trade.balances().items()),
            "booked by the bank": booked,
        }

    def unknown_files(self) -> list[str]:
        """Files that lie before the bank and that our own record, as it is committed, does not know."""
        kept = {
            bytes(row[0]) for row in self.trade.owner.execute("SELECT sha256 FROM contractor.bank_message").fetchall()
        }
        out = (self.bank.folder / self.trade.county_code / "outbox").glob("*.[xc][ms][lv]")
        return [path.name for path in out if hashlib.sha256(path.read_bytes()).digest() not in kept]

    def _faults(self, wanted: int) -> dict[str, int]:
        failed = self.trade.owner.execute("SELECT count(*) FROM contractor.task WHERE last_error IS NOT NULL")
        found = faults_of(self.trade, self.memory, wanted=wanted, at=clock.now())
        return found | ({"tasks that failed": count} if (count := failed.fetchone()[0]) else {})

    def _tasks_left(self) -> int:
        left = self.trade.owner.execute("SELECT count(*) FROM contractor.task WHERE state IN ('waiting', 'running')")
        return left.fetchone()[0]

    def _submitted(self) -> list[int]:
        self.trade.plan(self.trade.claims(EACH))
        return self.trade.submitted()

    def _meets(self, point: str, act: Act) -> None:
        """Act in a process of its own, forked so that it begins at once; it meets its end at this point."""
        if not self.dies:
            act(self.trade.database)
            return
        child = os.fork()
        if child == 0:
            try:
                os.environ |= {"COOPMED_ENVIRONMENT": "test", "COOPMED_FAIL_AT": point}
                the_plan.cache_clear()
                act(self.trade.test_database.desk("contractor"))
            finally:
                os._exit(0)
        _child, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"{point} was not passed"
        assert not (found := self.unknown_files()), f"{point}: {found} lie before the bank and are not committed"

    def _drain(self, database: Database) -> None:
        house = House(self.trade.settings, "workspace", {CONTRACTOR.key: database})
        Worker([database], house=house, lease=SOON).drain()

    def _approve_and_ring(self, database: Database, batch: int) -> None:
        hung = Database(database.desk, database.engine)
        hang(hung, Doorbell(self.redis_url))
        self.trade.approve(batch, database=hung)

    def _turn(self) -> None:
        sweep(self.trade.database, None, at=clock.now())
        self.trade.work()
        self.bank.round(clock.now())
        self.trade.listen()

    def _say_again(self) -> None:
        """The bank repeats all it has said, under other file names."""
        folder = self.bank.folder / self.trade.county_code
        for path in sorted((folder / "read").iterdir()):
            (folder / "inbox" / f"again-{path.name}").write_bytes(path.read_bytes())
        self.trade.listen()


def after_the_bell_was_emptied(trade: Trade, redis_url: str) -> list[str]:
    """Approve a batch, empty Valkey, and let the sweeper and a worker go on that hears the bell and nothing else."""
    doorbell = Doorbell(redis_url)
    hang(trade.database, doorbell)
    bell = doorbell.queue(CONTRACTOR)
    bell.empty()
    trade.plan(trade.claims(EACH))
    trade.approved()
    assert bell.empty() == 1, "nothing was rung, so nothing was emptied"
    sweep(trade.database, doorbell, at=clock.now())
    worker = Worker([trade.database], house=trade.house)
    for name in bell.get_job_ids():
        _desk, county_code, number = name.rsplit("-", 2)
        assert name == ring_name(CONTRACTOR, county_code, int(number))
        worker.run(CONTRACTOR.key, county_code, int(number))
    bell.empty()
    return trade.batch_states()
