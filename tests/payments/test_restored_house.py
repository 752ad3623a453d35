"""A house restored from a real backup waits for a person, and pays nothing a second time (D3)."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from chassis import clock
from chassis.launcher.postgres import PostgresServer
from chassis.operations.backup.restoring import DATABASE, restore
from chassis.operations.backup.taking import take
from contractor.payments.approving import ask_to_send
from contractor.payments.moves import locked_batch
from contractor.payments.opening import permit_sending
from migrations.apply import ensure_roles
from tests.conftest import PASSWORDS, TestDatabase
from tests.operations.small_house import small_house
from tests.operations.test_backup import close_wal, quiet
from tests.payments.trade import Trade, opened_trade


@pytest.fixture()
def root(tmp_path: Path) -> Path:
    # The server is another account where root runs the tests; it must be able to pass through.
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o011)
    return tmp_path


def lived_on_after_its_backup(root: Path) -> tuple[dict[str, int], object]:
    """A batch approved before the moment; after it that batch and another were sent and paid. Then all is lost."""
    with small_house(root / "house") as house:
        desks = {role: PASSWORDS[role] for role in ("contractor_rw", "county_rw")}
        ensure_roles(house.server.superuser_url(DATABASE), desks)
        trade = opened_trade(TestDatabase(house.server.superuser_url(DATABASE)), root)
        trade.plan(trade.claims(3))
        trade.approved()
        take(house.source(), root / "backups", root / "keys", at=clock.now(), say=quiet)
        with psycopg.connect(house.server.superuser_url(), autocommit=True) as connection:
            moment = connection.execute("SELECT clock_timestamp()").fetchone()[0]
        trade.paid(trade.bank(), at=clock.now())
        trade.plan(trade.claims(2))
        trade.approved()
        trade.paid(trade.bank(), at=clock.now())
        assert trade.states() == {"paid": 5}
        people = trade.people
        trade.close()
        close_wal(house)
        shutil.copytree(house.server.archive, root / "wal")
    shutil.rmtree(root / "house")
    return people, moment


def paid_by_the_bank(root: Path) -> Counter[str]:
    memory = sqlite3.connect(root / "bank.sqlite")
    names = [row[0] for row in memory.execute("SELECT end_to_end_id FROM booking WHERE side = 'DBIT'")]
    told = memory.execute("SELECT sum(line_count) FROM message").fetchone()[0]
    memory.close()
    assert told == len(names), "nothing is ordered in two files, and all that is ordered is paid"
    return Counter(names)


def test_a_restored_house_waits_for_the_lead_and_pays_nobody_twice(root):
    people, moment = lived_on_after_its_backup(root)
    before = paid_by_the_bank(root)
    assert len(before) == 5
    restore(root / "backups", root / "restored", to=moment, now=clock.now(), wal_archive=root / "wal", say=quiet)
    server = PostgresServer(root / "restored" / "postgres")
    server.start()
    try:
        trade = Trade(TestDatabase(server.superuser_url(DATABASE)), root, people=people)
        _goes_on(trade, before)
        trade.close()
    finally:
        server.stop()


def _goes_on(trade: Trade, before: Counter[str]) -> None:
    folder = trade.folder / "data" / "bank" / trade.county_code
    assert (trade.states(), trade.batch_states()) == ({"in_batch": 3}, ["approved"])
    # New claims are decided and their batch approved; whoever works now, nothing leaves.
    trade.plan(Trade.numbered(100, 2))
    trade.approved()
    trade.work()
    assert trade.batch_states() == ["approved", "approved"]
    assert trade.exceptions() == {"house_restored": 1}
    assert list((folder / "outbox").glob("*.*")) == []

    # The bank's files of that day are read again: they tell what this house did and does not remember.
    for path in sorted((folder / "read").iterdir()):
        path.replace(folder / "inbox" / path.name)
    trade.listen()
    told = trade.exceptions()
    assert told["unknown_payment"] == 2 and told["never_sent"] == 3
    with trade.database.transaction() as session:
        permit_sending(
            session,
            county_code=trade.county_code,
            reason="与银行当日对账单逐笔核对",
            by=trade.people["lead"],
            at=clock.now(),
        )
    with trade.database.transaction() as session:
        for (batch_id,) in trade.owner.execute("SELECT id FROM contractor.payment_batch ORDER BY id").fetchall():
            ask_to_send(session, locked_batch(session, trade.county_code, batch_id), at=clock.now())
    trade.paid(trade.bank(), at=clock.now())
    assert (trade.states(), set(trade.batch_states())) == ({"paid": 5}, {"settled"})
    after = paid_by_the_bank(trade.folder)
    assert set(after.values()) == {1} and len(after) == 7
    # A number that was drawn before the loss and again after it is another name at the bank.
    new = {name for name in after if name not in before}
    assert {name[7:11] for name in before} == {"T001"} and {name[7:11] for name in new} == {"T002"}
