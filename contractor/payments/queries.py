"""Reads of payments, batches and what the county publishes of institutions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import LargeBinary, Row, SmallInteger, Text, column, exists, func, select, table
from sqlalchemy.orm import Session

from contractor.payments.held import NOT_HELD
from contractor.payments.tables import BankLine, BankMessage, BatchEvent, Payment, PaymentBatch, PaymentException

MOST_PAYEES = 300

published_institution = table(
    "published_institution",
    column("county_code", Text),
    column("institution_code", Text),
    column("name_zh", Text),
    column("name_en", Text),
    column("tier", SmallInteger),
    column("account_name", Text),
    column("bank_account_sealed", LargeBinary),
    column("bank_account_index", LargeBinary),
    schema="registry",
)


def server_timeline(session: Session) -> int:
    """It grows by one whenever a backup was restored and went on living."""
    return int(session.scalar(select(func.contractor.server_timeline())))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Planned payments of one fund to one kind of payee."""

    fund: str
    payee_kind: str
    payment_count: int
    total_fen: int
    payee_count: int
    oldest_at: dt.datetime


def waiting(session: Session, county_code: str) -> Sequence[Waiting]:
    """What could be batched now, by fund and kind of payee."""
    rows = session.execute(
        select(
            Payment.fund,
            Payment.payee_kind,
            func.count(),
            func.sum(Payment.amount_fen),
            func.count(func.distinct(Payment.account_index)),
            func.min(Payment.planned_at),
        )
        .where(Payment.county_code == county_code, Payment.state == "planned", NOT_HELD)
        .group_by(Payment.fund, Payment.payee_kind)
        .order_by(Payment.fund, Payment.payee_kind)
    )
    return [Waiting(row[0], row[1], row[2], int(row[3]), row[4], row[5]) for row in rows]


def batches_page(
    session: Session, county_code: str, *, state: str | None, before: int | None, size: int
) -> Sequence[PaymentBatch]:
    """Batches, newest first, at most `size` and one more to know whether there are further ones."""
    query = select(PaymentBatch).where(PaymentBatch.county_code == county_code)
    if state:
        query = query.where(PaymentBatch.state == state)
    if before:
        query = query.where(PaymentBatch.id < before)
    return session.scalars(query.order_by(PaymentBatch.id.desc()).limit(size + 1)).all()


def batch_counts(session: Session, county_code: str) -> dict[str, int]:
    """How many batches are in each state."""
    counted = (
        select(PaymentBatch.state, func.count())
        .where(PaymentBatch.county_code == county_code)
        .group_by(PaymentBatch.state)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def batch_of(session: Session, county_code: str, batch_id: int) -> PaymentBatch | None:
    return session.get(PaymentBatch, (county_code, batch_id))


def payees_of(session: Session, county_code: str, batch_id: int) -> Sequence[Row]:
    """A row for each payee of a batch: code, name, one sealed account to show the last four of, count, sum, answers."""
    p, i = Payment, published_institution.c
    counted = func.count().filter
    return session.execute(
        select(
            p.institution_code,
            func.max(i.name_zh).label("name_zh"),
            func.max(i.name_en).label("name_en"),
            p.account_name,
            func.min(p.id).label("first_payment"),
            func.count().label("payment_count"),
            func.sum(p.amount_fen).label("total_fen"),
            counted(p.state == "paid").label("paid_count"),
            counted(p.state.in_(["refused_by_bank", "returned", "reissued", "cancelled"])).label("bad_count"),
            func.bool_or(p.replaces_payment_id.is_not(None)).label("is_reissued"),
        )
        .outerjoin(
            published_institution,
            (i.county_code == p.county_code) & (i.institution_code == p.institution_code),
        )
        .where(p.county_code == county_code, p.batch_id == batch_id)
        .group_by(p.institution_code, p.account_name, p.account_index)
        .order_by(func.sum(p.amount_fen).desc())
        .limit(MOST_PAYEES)
    ).all()


def payments_of(session: Session, county_code: str, batch_id: int, *, after: int = 0, size: int = 50) -> Sequence[Row]:
    """Payments of a batch in the order of their numbers, at most `size` and one more."""
    p = Payment
    return session.execute(
        select(p.id, p.claim_id, p.account_name, p.amount_fen, p.top_up_fen, p.end_to_end_id, p.state, p.last_reason)
        .where(p.county_code == county_code, p.batch_id == batch_id, p.id > after)
        .order_by(p.id)
        .limit(size + 1)
    ).all()


def totals_of(session: Session, county_code: str, batch_id: int) -> tuple[int, int]:
    """Count and sum of a batch's payments, now."""
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(Payment.amount_fen), 0)).where(
            Payment.county_code == county_code, Payment.batch_id == batch_id
        )
    ).one()
    return row[0], int(row[1])


def events_of(session: Session, county_code: str, batch_id: int) -> Sequence[BatchEvent]:
    return session.scalars(
        select(BatchEvent)
        .where(BatchEvent.county_code == county_code, BatchEvent.batch_id == batch_id)
        .order_by(BatchEvent.event_no.desc())
    ).all()


def open_exceptions(session: Session, county_code: str, *, size: int = 200) -> Sequence[PaymentException]:
    """What waits for a person, oldest first."""
    return session.scalars(
        select(PaymentException)
        .where(PaymentException.county_code == county_code, PaymentException.resolved_at.is_(None))
        .order_by(PaymentException.id)
        .limit(size)
    ).all()


def unpaid(session: Session, county_code: str, *, size: int = 200) -> Sequence[Payment]:
    """What the bank refused or sent back and nobody has reissued or called off, oldest first."""
    return session.scalars(
        select(Payment)
        .where(Payment.county_code == county_code, Payment.state.in_(["refused_by_bank", "returned"]))
        .order_by(Payment.id)
        .limit(size)
    ).all()


def messages_page(session: Session, county_code: str, *, size: int = 30) -> Sequence[Row]:
    """The last files to and from the bank, without their content."""
    m = BankMessage
    return session.execute(
        select(m.id, m.direction, m.kind, m.message_id, m.line_count, m.total_fen, m.at, m.batch_id)
        .where(m.county_code == county_code)
        .order_by(m.id.desc())
        .limit(size)
    ).all()


def count_for_people(session: Session, county_code: str) -> int:
    """How many exceptions and unpaid payments wait for a person."""
    noticed = select(func.count()).where(
        PaymentException.county_code == county_code, PaymentException.resolved_at.is_(None)
    )
    back = select(func.count()).where(
        Payment.county_code == county_code, Payment.state.in_(["refused_by_bank", "returned"])
    )
    return int(session.scalar(noticed) or 0) + int(session.scalar(back) or 0)


NEVER_HAD = "UNKNOWN"
"""Reason of a batch that the bank says it never had: the file itself may still be on its way there."""


def may_be_with_the_bank(session: Session, batch: PaymentBatch) -> bool:
    """Whether its file left once and the bank has not refused it whole, or the bank has spoken of a payment in it.

    A bank that never had a file may find it in its inbox tomorrow. It knows the file by its name and takes it once; it
    would not know the same payments in another batch.
    """
    left = session.execute(
        select(BatchEvent.event, BatchEvent.reason)
        .where(
            BatchEvent.county_code == batch.county_code,
            BatchEvent.batch_id == batch.id,
            BatchEvent.event.in_(["sending_begun", "not_taken_by_bank"]),
        )
        .order_by(BatchEvent.event_no.desc())
        .limit(1)
    ).one_or_none()
    in_it = select(Payment.end_to_end_id).where(Payment.county_code == batch.county_code, Payment.batch_id == batch.id)
    spoken_of = select(BankLine.line_no).where(
        BankLine.county_code == batch.county_code, BankLine.end_to_end_id.in_(in_it), BankLine.says != "ordered"
    )
    has_left = left is not None and (left.event == "sending_begun" or left.reason == NEVER_HAD)
    return has_left or bool(session.scalar(select(exists(spoken_of))))
