"""The demo's past payments: batches made and approved by two people, sent to the simulated bank, answered, booked.

What is past is answered at once: the simulated bank's own round runs between the sending and the answers, on a folder
and a memory that end with it. Batches of the present go the way of every batch, by the worker and the bank outside.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.clock import SHANGHAI, local_day
from chassis.vault.keyring import Keyring
from contractor.ledger.charts import BOOK_OF_FUND
from contractor.ledger.entries import receive_advance
from contractor.payments.answers import take_in
from contractor.payments.approving import approve_proved
from contractor.payments.bank_door import FolderDoor
from contractor.payments.bank_settings import the_bank
from contractor.payments.batches import Group, content_sha256, groups_waiting, make_batches, submit
from contractor.payments.releasing import Ready, begin_sending
from contractor.payments.tables import BankMessage, Payment, PaymentBatch
from demo.fill import staff_number
from rulebook.lifecycles.batch import S
from rulebook.lifecycles.payment import S as PaymentStates
from simulated_bank.bank import Bank
from simulated_bank.fates import Rates
from simulated_bank.memory import open_memory

ADVANCE_STEP_FEN = 10_000_00
"""The turnover fund is topped up by whole tens of thousands of yuan."""
FIRST_MESSAGE = 5_000_000_000
"""Messages of the past are numbered apart from those of the bank that runs beside the house."""


@dataclass(frozen=True)
class PayDay:
    """The hours of one day on which what waits is paid."""

    day: dt.date

    def at(self, hour: int) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(hour), tzinfo=SHANGHAI).astimezone(dt.UTC)


def pay_what_waits(session: Session, keyring: Keyring, county_code: str, day: PayDay) -> int:
    """Every planned payment, in one transaction; how many batches there were."""
    groups = groups_waiting(session, county_code)
    if not groups:
        return 0
    made = make_and_submit(session, county_code, groups, at=day.at(9))
    advance_what_is_needed(session, county_code, made, at=day.at(10))
    checker = staff_number(session, county_code, "checker")
    with tempfile.TemporaryDirectory(prefix="coopmed-demo-bank-") as folder:
        door = FolderDoor.of(folder, county_code)
        for batch_id in made:
            approve_as(session, county_code, batch_id, by=checker, at=day.at(11))
            ready = begin_sending(
                session, county_code=county_code, batch_id=batch_id, keyring=keyring, bank=the_bank(), at=day.at(12)
            )
            assert isinstance(ready, Ready), f"batch {batch_id} was held: {ready}"
            door.hand_over(ready.message_id, ready.form, ready.content)
        _bank(session, county_code, Path(folder) / "bank").round(day.at(15))
        for name in sorted(door.arrived()):
            content = door.content(name)
            assert content is not None
            take_in(session, content, county_code=county_code, keyring=keyring, at=day.at(16))
    return len(made)


def make_and_submit(session: Session, county_code: str, groups: Sequence[Group], *, at: dt.datetime) -> list[int]:
    """Batches by the cashier, handed to the checker."""
    cashier = staff_number(session, county_code, "cashier")
    made = make_batches(session, groups, county_code=county_code, by=cashier, at=at)
    for batch_id in made:
        submit(session, county_code=county_code, batch_id=batch_id, by=cashier, at=at)
    return made


def leave_batches_open(session: Session, county_code: str, *, at: dt.datetime) -> None:
    """Of what waits today: one batch is a draft, two wait for the checker, two leave by the worker; the rest waits."""
    hospitals = _institutions_waiting(session, county_code, "pooled")
    clinics = _institutions_waiting(session, county_code, "household_account")
    if not hospitals:
        return
    cashier = staff_number(session, county_code, "cashier")
    make_batches(session, hospitals[:1], county_code=county_code, by=cashier, at=at)
    made = [
        make_and_submit(session, county_code, some, at=at) if some else [] for some in (hospitals[1:3], clinics[:2])
    ]
    advance_what_is_needed(session, county_code, [one for some in made for one in some], at=at)
    checker = staff_number(session, county_code, "checker")
    for batch_id in made[1]:
        approve_as(session, county_code, batch_id, by=checker, at=at)


def _institutions_waiting(session: Session, county_code: str, fund: str) -> list[Group]:
    """Institutions to which this fund owes something that is in no batch."""
    codes = session.scalars(
        select(Payment.institution_code)
        .where(
            Payment.county_code == county_code,
            Payment.fund == fund,
            Payment.payee_kind == "institution",
            Payment.state == PaymentStates.PLANNED.value,
        )
        .distinct()
        .order_by(Payment.institution_code)
    )
    return [Group(fund, "institution", code) for code in codes]


def approve_as(session: Session, county_code: str, batch_id: int, *, by: int, at: dt.datetime) -> None:
    """The checker's word on what the batch says. The demo's past has nobody to prove who they are."""
    shown = content_sha256(session, county_code, batch_id)
    approve_proved(session, county_code=county_code, batch_id=batch_id, shown_sha256=shown, proof=None, by=by, at=at)


def advance_what_is_needed(session: Session, county_code: str, batch_ids: list[int], *, at: dt.datetime) -> None:
    """The county's finance tops up each book by what these batches need, rounded up."""
    needed = session.execute(
        select(Payment.fund, func.sum(Payment.amount_fen))
        .where(Payment.county_code == county_code, Payment.batch_id.in_(batch_ids))
        .group_by(Payment.fund)
    ).all()
    by_book: dict[str, int] = {}
    for fund, fen in needed:
        by_book[BOOK_OF_FUND[fund]] = by_book.get(BOOK_OF_FUND[fund], 0) + int(fen)
    for book, fen in sorted(by_book.items()):
        receive_advance(
            session,
            county_code=county_code,
            book=book,
            amount_fen=-(-fen // ADVANCE_STEP_FEN) * ADVANCE_STEP_FEN,
            reference=f"CZ{local_day(at):%Y%m%d}",
            on=local_day(at),
        )


def count_open_batches(session: Session, county_code: str) -> int:
    """Batches that somebody has begun and nobody has approved."""
    states = [S.DRAFT.value, S.SUBMITTED.value]
    found = select(func.count()).where(PaymentBatch.county_code == county_code, PaymentBatch.state.in_(states))
    return session.scalar(found) or 0


def _bank(session: Session, county_code: str, folder: Path) -> Bank:
    """A bank that begins where the messages of the past have come to, and forgets everything when it is done."""
    heard = session.scalar(
        select(func.count()).where(BankMessage.county_code == county_code, BankMessage.direction == "in")
    )
    memory = open_memory(folder.parent / "memory" / "memory.sqlite")
    memory.execute(
        "INSERT INTO said (number, county, name, content, is_out) VALUES (?, ?, 'the past', x'', 1)",
        [FIRST_MESSAGE + int(heard or 0), county_code],
    )
    # Its answers to the lines say that it has the file; a receipt beside them would only be read as well.
    return Bank(folder, memory, rates=Rates(unreceipted=10_000), delay_seconds=0, return_seconds=0)
