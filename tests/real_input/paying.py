"""From planned payments to the bank's word: batches of two people, files handed over, the simulated bank's answers."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from chassis.identity.tables import RoleGrant
from contractor.ledger.charts import BOOK_OF_FUND
from contractor.ledger.entries import receive_advance
from contractor.payments.answers import take_in
from contractor.payments.approving import approve_proved
from contractor.payments.bank_door import FolderDoor
from contractor.payments.bank_settings import the_bank
from contractor.payments.batches import groups_waiting, make_batches, submit
from contractor.payments.opening import open_for_payments
from contractor.payments.releasing import Ready, begin_sending
from contractor.payments.tables import Payment
from simulated_bank.bank import Bank
from simulated_bank.memory import open_memory
from simulated_bank.orders import read_order
from tests.authorisation.people import person
from tests.demo.house import LivedIn
from tests.real_input.house import ENTERED_AT

PAID_AT = ENTERED_AT + dt.timedelta(days=1)
LATER = dt.timedelta(minutes=2)
"""After it the simulated bank has paid what it delays and sent back what it returns."""
ROUNDS = 3


@dataclass(frozen=True)
class Handed:
    """What was handed to the bank, read back from the files themselves."""

    batches: int
    orders: int
    total_fen: int


@dataclass(frozen=True)
class People:
    cashier: int
    checker: int


def pay(home: LivedIn, county_code: str, *, most_batches: int | None = None) -> Handed:
    """Planned payments leave in batches of their fund and payee, and the bank answers to the last line.

    Args:
        most_batches: of how many groups; None for all of them.
    """
    people = _begin_to_pay(home, county_code)
    with home.databases["contractor"].transaction() as session:
        groups = groups_waiting(session, county_code)[:most_batches]
        batch_ids = make_batches(session, groups, county_code=county_code, by=people.cashier, at=PAID_AT)
    door = FolderDoor.of(home.settings.data_dir, county_code)
    for batch_id in batch_ids:
        _send(home, county_code, batch_id, people, door)
    files = sorted((door.root / "outbox").iterdir())
    orders = [read_order(path.read_bytes()) for path in files]
    handed = Handed(
        batches=len(batch_ids),
        orders=sum(len(order.lines) for order in orders),
        total_fen=sum(order.total_fen for order in orders),
    )
    with closing(open_memory(home.folder / "bank.sqlite")) as memory:
        bank = Bank(door.root.parent, memory)
        for number in range(ROUNDS):
            at = PAID_AT + number * LATER
            bank.round(at)
            _hear(home, county_code, door, at=at)
    return handed


def _begin_to_pay(home: LivedIn, county_code: str) -> People:
    """Books opened and filled with exactly what is planned, a cashier and a checker with their roles."""
    with home.databases["contractor"].transaction() as session:
        open_for_payments(session, county_code)
        planned: dict[str, int] = {}
        rows = session.execute(
            select(Payment.fund, func.sum(Payment.amount_fen))
            .where(Payment.county_code == county_code)
            .group_by(Payment.fund)
        )
        for fund, total_fen in rows:
            book = BOOK_OF_FUND[fund]
            planned[book] = planned.get(book, 0) + int(total_fen)
        for book, total_fen in planned.items():
            receive_advance(
                session, county_code=county_code, book=book, amount_fen=total_fen, reference=f"{book}-1",
                on=PAID_AT.date(),
            )  # fmt: skip
        cashier, checker, first, second = (
            person(session, county_code, name, at=ENTERED_AT) for name in ("cashier", "checker", "first", "second")
        )
        _grant(session, county_code, cashier, "cashier", by=(first, second))
        _grant(session, county_code, checker, "checker", by=(first, second))
    return People(cashier, checker)


def _grant(session: Session, county_code: str, staff_id: int, role: str, *, by: tuple[int, int]) -> None:
    proposer, decider = by
    session.execute(
        insert(RoleGrant).values(
            county_code=county_code,
            staff_id=staff_id,
            role=role,
            proposed_by=proposer,
            proposed_at=ENTERED_AT,
            reason="来源数据试运行",
            decided_by=decider,
            decided_at=ENTERED_AT,
            decision="approved",
        )
    )


def _send(home: LivedIn, county_code: str, batch_id: int, people: People, door: FolderDoor) -> None:
    """Submitted by one, approved by the other, begun; the file is handed over after the commit that says so."""
    contractor = home.databases["contractor"]
    with contractor.transaction() as session:
        batch = submit(session, county_code=county_code, batch_id=batch_id, by=people.cashier, at=PAID_AT)
        assert batch.content_sha256 is not None, "a submitted batch has its fingerprint"
        approve_proved(
            session,
            county_code=county_code,
            batch_id=batch_id,
            shown_sha256=bytes(batch.content_sha256),
            proof=None,
            by=people.checker,
            at=PAID_AT,
        )
    with contractor.transaction() as session:
        ready = begin_sending(
            session, county_code=county_code, batch_id=batch_id, keyring=home.keyring, bank=the_bank(), at=PAID_AT
        )
    assert isinstance(ready, Ready), f"batch {batch_id} is held: {ready}"
    assert door.hand_over(ready.message_id, ready.form, ready.content), "a file is handed over once"


def _hear(home: LivedIn, county_code: str, door: FolderDoor, *, at: dt.datetime) -> None:
    for name in door.arrived():
        content = door.content(name)
        assert content is not None, "nobody else reads this inbox"
        with home.databases["contractor"].transaction() as session:
            take_in(session, content, county_code=county_code, keyring=home.keyring, at=at)
        door.put_away(name, where="read")
