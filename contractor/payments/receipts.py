"""What the bank says of a whole file: it has it, has refused it, has it already, or never had it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from contractor.ledger.entries import take_back_release
from contractor.payments.answer_files import Answer
from contractor.payments.approving import ask_to_send
from contractor.payments.exceptions import Noticed, note
from contractor.payments.moves import move_batch, move_payments
from contractor.payments.queries import NEVER_HAD
from contractor.payments.tables import BatchEvent, Payment, PaymentBatch
from rulebook.lifecycles.batch import E, S
from rulebook.lifecycles.payment import E as PaymentEvents
from rulebook.lifecycles.payment import S as PaymentStates

UNANSWERED = (S.SENDING, S.IN_DOUBT)


def take_receipt(
    session: Session, answer: Answer, batch: PaymentBatch | None, message: int, *, at: dt.datetime
) -> list[Noticed]:
    """Let the bank's word on a file have its effect; returns what a person has to look at."""
    if answer.about is None:
        return []
    if batch is None:
        return [Noticed("unknown_message", answer.about, "a file of ours", answer.about, bank_message_id=message)]
    if answer.group in ("taken", "duplicate"):
        ordered, told = (batch.payment_count, batch.total_fen), (answer.group_count, answer.group_total_fen)
        if told != (None, None) and told != ordered:
            return [_of(batch, "receipt_differs", str(ordered), str(told), message)]
        if batch.state in UNANSWERED:
            mark_taken(session, batch, at=at)
        return []
    if answer.group not in ("refused", "unknown"):
        return []
    if batch.state not in UNANSWERED:
        # It was taken, and now it is said not to be there: nobody sends it again on such a word.
        return [_of(batch, "answers_contradict", batch.state, answer.group, message)]
    _not_taken(session, batch, NEVER_HAD if answer.group == "unknown" else answer.reason, at=at)
    if answer.group == "refused":
        return [_of(batch, "file_refused", "taken", answer.reason or "refused", message)]
    # The bank itself says that it never had the file, which is certain; the same file goes under the same name.
    ask_to_send(session, batch, at=at)
    return []


def mark_taken(session: Session, batch: PaymentBatch, *, at: dt.datetime) -> None:
    """The bank has the file: its payments are under way."""
    move_batch(session, batch, E.TAKEN_BY_BANK, at=at, taken_at=at)
    move_payments(
        session,
        batch.county_code,
        Payment.batch_id == batch.id,
        PaymentEvents.SENT,
        from_states=[PaymentStates.IN_BATCH],
        at=at,
    )


def mark_uncertain(session: Session, batch: PaymentBatch, *, at: dt.datetime) -> None:
    """No word came after sending: from here on the bank is asked."""
    move_batch(session, batch, E.ANSWER_MISSING, at=at)


def mark_unanswered(session: Session, county_code: str, *, taken_before: dt.datetime, at: dt.datetime) -> int:
    """Lines that the bank has owed an answer for longer than the term are in doubt, and a person is told."""
    late = select(PaymentBatch.id).where(
        PaymentBatch.county_code == county_code,
        PaymentBatch.state == S.SENT.value,
        PaymentBatch.taken_at < taken_before,
    )
    moved = move_payments(
        session,
        county_code,
        Payment.batch_id.in_(late),
        PaymentEvents.ANSWER_MISSING,
        from_states=[PaymentStates.SENT],
        at=at,
    )
    rows = session.execute(
        select(Payment.id, Payment.batch_id, Payment.end_to_end_id).where(
            Payment.county_code == county_code, Payment.id.in_(moved)
        )
    )
    noticed = [
        Noticed("answer_missing", row.end_to_end_id, "an answer", "none", batch_id=row.batch_id, payment_id=row.id)
        for row in rows
    ]
    note(session, noticed, county_code=county_code, at=at)
    return len(moved)


def _not_taken(session: Session, batch: PaymentBatch, reason: str | None, *, at: dt.datetime) -> None:
    round_ = session.scalar(
        select(func.max(BatchEvent.event_no)).where(
            BatchEvent.county_code == batch.county_code,
            BatchEvent.batch_id == batch.id,
            BatchEvent.event == E.SENDING_BEGUN.value,
        )
    )
    assert round_ is not None, "a batch that was being sent has begun to be"
    move_batch(session, batch, E.NOT_TAKEN_BY_BANK, at=at, reason=reason)
    take_back_release(session, county_code=batch.county_code, batch_id=batch.id, round_=round_, on=local_day(at))


def _of(batch: PaymentBatch, kind: str, expected: str, found: str, message: int) -> Noticed:
    return Noticed(kind, f"batch/{batch.id}", expected, found, batch_id=batch.id, bank_message_id=message)
