"""A worker dies at every named step between approval and settlement (A2); Redis is not there at all (A5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis import clock
from chassis.queue.failpoints import POINTS
from contractor.payments.approving import ask_to_send
from contractor.payments.moves import locked_batch
from contractor.payments.opening import permit_sending
from simulated_bank.fates import Rates
from tests.conftest import _copy
from tests.payments.judging import faults_of
from tests.payments.road import READING, RINGING, SENDING, Road, after_the_bell_was_emptied
from tests.payments.trade import Trade, opened_trade

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture()
def calm(servers, template, tmp_path_factory) -> Iterator[Trade]:
    """A second county like the first, in which nobody dies."""
    for database in _copy(servers, template):
        trade = opened_trade(database, tmp_path_factory.mktemp("calm"))
        yield trade
        trade.close()


def test_a_worker_that_dies_at_any_named_step_ends_as_if_nobody_had_died(trade, calm, servers):
    dying, living = Road(trade, servers.redis_url), Road(calm, servers.redis_url, dies=False)
    assert dying.walk() == {}
    assert living.walk() == {}
    assert dying.end() == living.end()
    assert set(trade.states()) == {"paid", "refused_by_bank", "returned"}


def test_every_named_step_of_the_house_is_on_the_road_that_is_walked():
    """A step that another room adds is tried here, or beside that room's own test with a line to say so."""
    named = re.compile(r"""^ +failpoint\("([a-z_.]+)"\)""", re.MULTILINE)
    rooms = [path for folder in ("chassis", "contractor", "oversight") for path in (ROOT / folder).rglob("*.py")]
    passed = {name for path in rooms for name in named.findall(path.read_text(encoding="utf-8"))}
    assert passed == POINTS == {*RINGING, *SENDING, *READING}


def test_a_bell_that_was_emptied_is_rung_again_for_what_the_table_holds(trade, servers):
    """The worker here hears the bell alone; what is true stands in PostgreSQL (A5)."""
    assert after_the_bell_was_emptied(trade, servers.redis_url) == ["sending"]


def test_a_bank_that_loses_files_and_says_nothing_is_asked_until_it_answers(trade, servers):
    bank = trade.bank(Rates(refused=0, returned=0, delayed=0, lost=5000, unreceipted=10_000), seed="7")
    for _ in range(4):
        trade.plan(trade.claims(2))
        trade.approved()
    road = Road(trade, servers.redis_url)
    road.bank = bank
    road.settle()
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
