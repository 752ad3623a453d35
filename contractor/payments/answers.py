"""What the bank says is taken in: one message, whole, once. Each line ends in a state or in a named exception.

The lines are kept as the bank wrote them, and moves follow from all lines known of a payment, not from the order in
which they came: a return that arrives before its payment was confirmed waits for it (decision 0035).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.keyring import Keyring
from contractor.ledger.charts import BOOK_OF_FUND
from contractor.ledger.entries import PaidLine, post_answers
from contractor.payments.answer_files import Answer, read_answer
from contractor.payments.contradictions import contradictions
from contractor.payments.exceptions import note
from contractor.payments.moves import move_batch, move_payments
from contractor.payments.receipts import mark_taken, take_receipt
from contractor.payments.refusals import NotTheSameMessage
from contractor.payments.releasing import keep_message
from contractor.payments.returned import from_suspense
from contractor.payments.tables import BankLine, BankMessage, Payment, PaymentBatch
from rulebook.lifecycles.batch import E as BatchEvents
from rulebook.lifecycles.batch import S as BatchStates
from rulebook.lifecycles.payment import E, S

BANK = Actor(ActorKind.SYSTEM, "bank")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a message came to. A duplicate changed nothing."""

    message: int | None = None
    is_duplicate: bool = False
    moved: Counter[str] = field(default_factory=Counter)
    exception_count: int = 0


def take_in(session: Session, content: bytes, *, county_code: str, keyring: Keyring, at: dt.datetime) -> TakenIn:
    """Read one file of the bank and let it have its effect, a constant number of statements.

    Raises:
        UnreadableAnswer, NotTheSameMessage: nothing is written.
    """
    answer = read_answer(content)
    before = session.execute(
        select(BankMessage.id, BankMessage.sha256).where(
            BankMessage.county_code == county_code,
            BankMessage.direction == "in",
            BankMessage.message_id == answer.message_id,
        )
    ).one_or_none()
    if before is not None:
        if bytes(before.sha256) != hashlib.sha256(content).digest():
            raise NotTheSameMessage(message_id=answer.message_id)
        return TakenIn(before.id, is_duplicate=True)
    names = sorted({line.end_to_end_id for line in answer.lines})
    batches = _locked_batches(session, county_code, answer, names)
    about = next((batch for batch in batches if batch.message_id == answer.about), None)
    message = keep_message(
        session,
        county_code=county_code,
        direction="in",
        kind=answer.kind,
        message_id=answer.message_id,
        content=content,
        total_fen=answer.total_fen,
        lines=[(one.says, one.end_to_end_id, one.amount_fen, one.booked_on, one.reason) for one in answer.lines],
        batch_id=about.id if about is not None else None,
        keyring=keyring,
        at=at,
    )
    not_yet_taken = [batch for batch in batches if batch.state in (BatchStates.SENDING, BatchStates.IN_DOUBT)]
    noticed = take_receipt(session, answer, about, message, at=at)
    for batch in not_yet_taken:
        # A line that is answered was taken, whatever became of the receipt.
        if answer.lines and batch.state in (BatchStates.SENDING, BatchStates.IN_DOUBT):
            mark_taken(session, batch, at=at)
    taken_now = [batch.id for batch in not_yet_taken if batch.state == BatchStates.SENT]
    names = sorted({*names, *_answered_before(session, county_code, taken_now, message)})
    moved = _move(session, county_code, names, message, at=at) if names else Counter()
    noticed += contradictions(session, county_code, message) if names else []
    for batch in batches:
        settle(session, batch, at=at)
    exception_count = note(session, noticed, county_code=county_code, at=at)
    facts = {"kind": answer.kind, "lines": len(answer.lines), "total_fen": answer.total_fen, **moved}
    entry = Entry(act="bank.answered", subject_kind="bank_message", subject_id=str(message), by=BANK, facts=facts)
    append(session, county_code=county_code, stream="payments", entries=[entry], at=at)
    return TakenIn(message, moved=moved, exception_count=exception_count)


def settle(session: Session, batch: PaymentBatch, *, at: dt.datetime) -> bool:
    """Close a batch that the bank has answered to the last line; whether it is closed now."""
    if batch.state != BatchStates.SENT:
        return False
    waiting = exists().where(
        Payment.county_code == batch.county_code,
        Payment.batch_id == batch.id,
        Payment.state.in_([S.IN_BATCH.value, S.SENT.value, S.IN_DOUBT.value]),
    )
    if session.scalar(select(waiting)):
        return False
    move_batch(session, batch, BatchEvents.ALL_LINES_ANSWERED, at=at, settled_at=at)
    return True


def _locked_batches(
    session: Session, county_code: str, answer: Answer, names: Collection[str]
) -> Sequence[PaymentBatch]:
    """The batches this message is about, ours until the end, in the order of their numbers."""
    of_lines = select(Payment.batch_id).where(Payment.county_code == county_code, Payment.end_to_end_id.in_(names))
    return session.scalars(
        select(PaymentBatch)
        .where(
            PaymentBatch.county_code == county_code,
            (PaymentBatch.message_id == answer.about) | PaymentBatch.id.in_(of_lines),
        )
        .order_by(PaymentBatch.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _answered_before(session: Session, county_code: str, batch_ids: Sequence[int], message: int) -> Sequence[str]:
    """Payments of batches just found to be taken for which the bank has spoken already.

    An old “unknown” can overtake the receipt: lines that came while we thought the file was not there moved nothing.
    """
    if not batch_ids:
        return []
    return session.scalars(
        select(Payment.end_to_end_id)
        .where(Payment.county_code == county_code, Payment.batch_id.in_(batch_ids))
        .where(
            exists().where(
                BankLine.county_code == Payment.county_code,
                BankLine.end_to_end_id == Payment.end_to_end_id,
                BankLine.message_id < message,
            )
        )
    ).all()


def _move(session: Session, county_code: str, names: Sequence[str], message: int, *, at: dt.datetime) -> Counter[str]:
    named = Payment.end_to_end_id.in_(names)
    paid, refused, returned = (_has_line(says) for says in ("paid", "refused", "returned"))
    waiting = [S.SENT, S.IN_DOUBT]
    reason = (
        select(BankLine.reason)
        .where(
            BankLine.county_code == Payment.county_code,
            BankLine.end_to_end_id == Payment.end_to_end_id,
            BankLine.reason.is_not(None),
        )
        .order_by(BankLine.message_id.desc(), BankLine.line_no)
        .limit(1)
        .scalar_subquery()
    )
    steps = (
        ("confirmed", E.CONFIRMED, waiting, named & paid & ~refused, None),
        ("refused", E.REFUSED, waiting, named & refused & ~paid, reason),
        ("returned", E.RETURNED, [S.PAID], named & returned, reason),
    )
    moved: Counter[str] = Counter()
    for what, event, states, which, why in steps:
        ids = move_payments(session, county_code, which, event, from_states=states, at=at, reason=why)
        if ids:
            moved[what] = len(ids)
            _post(session, county_code, what, ids, message, on=local_day(at))
    return moved


def _has_line(says: str):
    """A line of the bank that says so of this payment, with the amount we ordered."""
    return exists().where(
        BankLine.county_code == Payment.county_code,
        BankLine.end_to_end_id == Payment.end_to_end_id,
        BankLine.amount_fen == Payment.amount_fen,
        BankLine.says == says,
    )


def _post(session: Session, county_code: str, what: str, ids: Sequence[int], message: int, *, on: dt.date) -> None:
    rows = session.execute(
        select(Payment.id, Payment.fund, Payment.amount_fen, Payment.top_up_fen, Payment.replaces_payment_id)
        .where(Payment.county_code == county_code, Payment.id.in_(ids))
        .order_by(Payment.id)
    ).all()
    again = from_suspense(session, county_code, [row.id for row in rows if row.replaces_payment_id is not None])
    by_book: dict[str, list[PaidLine]] = {}
    for row in rows:
        line = PaidLine(row.id, row.fund, row.amount_fen, row.top_up_fen, is_from_suspense=row.id in again)
        by_book.setdefault(BOOK_OF_FUND[row.fund], []).append(line)
    for book in sorted(by_book):
        key = f"{what}/{message}/{book}"
        post_answers(session, what, by_book[book], county_code=county_code, book=book, key=key, on=on)
