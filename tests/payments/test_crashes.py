"""A worker dies at every named step between approval and settlement (A2); Redis is not there at all (A5)."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time

import pytest

from chassis import clock
from chassis.desks import CONTRACTOR
from chassis.house import House
from chassis.queue.failpoints import the_plan
from chassis.queue.sweeper import sweep
from chassis.queue.worker import Worker
from contractor.payments.batches import ask_to_send
from contractor.payments.moves import locked_batch
from contractor.payments.opening import permit_sending
from simulated_bank.fates import Rates
from tests.payments.judging import faults_of
from tests.payments.trade import Trade

# Where the one that sends dies, then where the one that reads the bank's answer dies.
SENDING = ("effect.after", "commit.before", "commit.after", "bank.write.before", "bank.send.before", "bank.send.after")
READING = ("bank.answer.before",)
RATES = Rates(refused=1000, returned=1000, delayed=0)


def _dies(trade: Trade, point: str) -> None:
    """A worker in a process of its own, forked so that it begins at once, meets its end at this point."""
    child = os.fork()
    if child == 0:
        try:
            os.environ |= {"COOPMED_ENVIRONMENT": "test", "COOPMED_FAIL_AT": point}
            the_plan.cache_clear()
            database = trade.test_database.desk("contractor")
            house = House(trade.settings, "workspace", {CONTRACTOR.key: database})
            Worker([database], house=house, lease=dt.timedelta(seconds=1)).drain()
        finally:
            os._exit(0)
    _child, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, point


def _settled(trade: Trade, bank, seconds: float = 60) -> None:
    """Live on until every batch is settled, as the sweeper and the bank would."""
    until = time.monotonic() + seconds
    while set(trade.batch_states()) != {"settled"} and time.monotonic() < until:
        sweep(trade.database, None, at=clock.now())
        trade.work()
        bank.round(clock.now())
        trade.listen()
        time.sleep(0.3)
    bank.round(clock.now())
    trade.listen()


def test_a_worker_that_dies_at_any_named_step_loses_and_doubles_nothing(trade):
    bank = trade.bank(RATES, return_seconds=0)
    for point in SENDING:
        trade.plan(trade.claims(3))
        trade.approved()
        _dies(trade, point)
    trade.plan(trade.claims(3))
    trade.approved()
    trade.work()
    bank.round(clock.now())
    trade.announce_listening()
    for point in READING:
        _dies(trade, f"{point}:1")
    _settled(trade, bank)
    wanted = 3 * (len(SENDING) + 1)
    assert faults_of(trade, trade.folder / "bank.sqlite", wanted=wanted, at=clock.now()) == {}
    # The same as a run in which nobody died: what is paid depends on the amounts and the bank's fates alone.
    rows = trade.owner.execute(
        "SELECT coalesce(sum(amount_fen) FILTER (WHERE state = 'paid'), 0), "
        "coalesce(sum(amount_fen) FILTER (WHERE state = 'returned'), 0) FROM contractor.payment"
    ).fetchone()
    balances = trade.balances()
    assert (balances.get("M301.1", 0) - balances.get("M202", 0), balances.get("M202", 0)) == (rows[0], rows[1])


def test_a_bank_that_loses_files_and_says_nothing_is_asked_until_it_answers(trade):
    bank = trade.bank(Rates(refused=0, returned=0, delayed=0, lost=5000, unreceipted=10_000), seed="7")
    for _ in range(4):
        trade.plan(trade.claims(2))
        trade.approved()
    _settled(trade, bank)
    assert faults_of(trade, trade.folder / "bank.sqlite", wanted=8, at=clock.now()) == {}
    assert trade.owner.execute(
        "SELECT count(*) FROM contractor.batch_event WHERE event = 'not_taken_by_bank'"
    ).fetchone() > (0,)


@pytest.mark.parametrize("timeline", [2])
def test_a_restored_house_sends_nothing_before_a_person_permits_it(trade, timeline):
    """The server's timeline is what a restore changes; here the permit is for another one instead (D3)."""
    trade.plan(trade.claims(2))
    trade.approved()
    trade.owner.execute("ALTER TABLE contractor.sending_permit DISABLE TRIGGER ALL")
    trade.owner.execute("UPDATE contractor.sending_permit SET timeline = %s", [timeline])
    trade.owner.execute("ALTER TABLE contractor.sending_permit ENABLE ALWAYS TRIGGER permit_is_given")
    trade.work()
    assert (trade.batch_states(), trade.exceptions()) == (["approved"], {"house_restored": 1})
    assert not list((trade.folder / "data").rglob("*.xml"))
    with trade.database.transaction() as session:
        permit_sending(
            session, county_code=trade.county_code, reason="与银行对账单核对", by=trade.people["lead"], at=clock.now()
        )
        ask_to_send(session, locked_batch(session, trade.county_code, 1), at=clock.now())
    trade.paid(trade.bank(), at=clock.now())
    assert trade.states() == {"paid": 2}
