"""What needs a person: named, noted once while it is open, closed by somebody who says what they found and did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.payments.refusals import ExceptionClosed
from contractor.payments.tables import PaymentException

KINDS = frozenset(
    {
        "account_short",  # the account holds less than an approved batch pays
        "house_restored",  # the database was restored; nothing leaves before a person compared with the bank
        "file_refused",  # the bank refuses a whole file
        "receipt_differs",  # the bank has counted other payments than we ordered
        "unknown_message",  # the bank speaks of a file that we never sent
        "unreadable_file",  # a file of the bank that is not what it says it is
        "message_differs",  # a second file under the name of one that was read, with another content
        "unknown_payment",  # the bank names a payment that we do not know
        "amount_differs",  # the bank names another amount than we ordered
        "never_sent",  # the bank answers for a payment that has not left
        "answers_contradict",  # paid and refused, or returned without having been paid
        "paid_twice",  # two entries of the bank's statement for one payment
        "answer_missing",  # no answer within the term
        "parity",  # the nightly comparison of claims, payments, ledger and bank
    }
)


@dataclass(frozen=True, slots=True)
class Noticed:
    kind: str
    subject: str
    expected: str
    found: str
    batch_id: int | None = None
    payment_id: int | None = None
    bank_message_id: int | None = None


def note(session: Session, noticed: Sequence[Noticed], *, county_code: str, at: dt.datetime) -> int:
    """Write what is new of these; one that is open already stays as it is. Returns how many were new."""
    if not noticed:
        return 0
    assert all(one.kind in KINDS for one in noticed), "an exception has a name that people know"
    by_subject = {(one.kind, one.subject): one for one in noticed}
    rows = [
        {
            "county_code": county_code,
            "kind": one.kind,
            "subject": one.subject[:120],
            "batch_id": one.batch_id,
            "payment_id": one.payment_id,
            "bank_message_id": one.bank_message_id,
            "expected": one.expected[:200],
            "found": one.found[:200],
            "noticed_at": at,
        }
        for one in by_subject.values()
    ]
    open_ones = PaymentException.resolved_at.is_(None)
    statement = (
        insert(PaymentException)
        .on_conflict_do_nothing(index_elements=["county_code", "kind", "subject"], index_where=open_ones)
        .returning(PaymentException.id)
    )
    return len(session.execute(statement, rows).all())


def resolve(
    session: Session, *, county_code: str, exception_id: int, resolution: str, by: int, at: dt.datetime
) -> PaymentException:
    """A person says what they found and did.

    Raises: NotFound, ExceptionClosed.
    """
    row = session.scalars(
        select(PaymentException)
        .where(PaymentException.county_code == county_code, PaymentException.id == exception_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(kind="payment_exception", exception=exception_id)
    if row.resolved_at is not None:
        raise ExceptionClosed(exception=exception_id)
    row.resolved_at, row.resolved_by, row.resolution = at, by, resolution
    session.flush()
    entry = Entry(
        act="exception.resolved",
        subject_kind="payment_exception",
        subject_id=str(exception_id),
        by=Actor(ActorKind.STAFF, str(by)),
        facts={"kind": row.kind},
    )
    append(session, county_code=county_code, stream="payments", entries=[entry], at=at)
    return row
