"""An approved batch leaves. The intent, the file and the posting are committed before a byte is handed over.

`begin_sending` writes; the edge hands the file over after its commit. From then on a batch is asked about and not sent
again, unless the bank itself says that it never had it (decision 0035).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, seal, unseal, unseal_many
from contractor.ledger.charts import BOOK_OF_FUND, the_chart
from contractor.ledger.entries import PaidLine, post_release
from contractor.ledger.tables import AccountBalance
from contractor.payments.bank_settings import BankSettings
from contractor.payments.exceptions import Noticed, note
from contractor.payments.moves import locked_batch, move_batch
from contractor.payments.planning import PURPOSE, SEALED_CELL
from contractor.payments.queries import server_timeline
from contractor.payments.remittance import Order, OrderLine, written
from contractor.payments.tables import BankMessage, Payment, PaymentBatch, SendingPermit
from rulebook.lifecycles.batch import E, S

CONTENT_CELL = {"table": "contractor.bank_message", "column": "content"}


@dataclass(frozen=True, slots=True)
class Ready:
    """What is to be handed over, once this transaction is committed."""

    message_id: str
    form: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """The batch stays approved; an exception says why."""

    reason: str


def begin_sending(
    session: Session, *, county_code: str, batch_id: int, keyring: Keyring, bank: BankSettings, at: dt.datetime
) -> Ready | Held:
    """Write that the batch is being sent, its file and its posting.

    Raises:
        BatchNotInThisState: it is not approved, or has left already.
    """
    batch = locked_batch(session, county_code, batch_id)
    held = _held(session, batch, at=at) if batch.state == S.APPROVED else None
    if held:
        return held
    move_batch(session, batch, E.SENDING_BEGUN, at=at, sending_begun_at=at)
    book = BOOK_OF_FUND[batch.fund]
    rows = _rows(session, batch)
    lines = [PaidLine(row.id, batch.fund, row.amount_fen, row.top_up_fen) for row in rows]
    post_release(
        session,
        lines,
        county_code=county_code,
        book=book,
        batch_id=batch_id,
        round_=batch.version,
        on=local_day(at),
    )
    return _file(session, batch, rows, book, keyring, bank, at)


def _held(session: Session, batch: PaymentBatch, *, at: dt.datetime) -> Held | None:
    county_code = batch.county_code
    timeline = server_timeline(session)
    permit = exists().where(SendingPermit.county_code == county_code, SendingPermit.timeline == timeline)
    if not session.scalar(select(permit)):
        noticed = Noticed("house_restored", f"timeline/{timeline}", "permit", "none", batch_id=batch.id)
        note(session, [noticed], county_code=county_code, at=at)
        return Held("house_restored")
    book = BOOK_OF_FUND[batch.fund]
    held_fen = session.scalar(
        select(AccountBalance.balance_fen).where(
            AccountBalance.county_code == county_code,
            AccountBalance.book == book,
            AccountBalance.account_code == the_chart()[book].code("bank"),
        )
    )
    if held_fen is None or held_fen < batch.total_fen:
        found = Noticed(
            "account_short", f"batch/{batch.id}", str(batch.total_fen), str(held_fen or 0), batch_id=batch.id
        )
        note(session, [found], county_code=county_code, at=at)
        return Held("account_short")
    return None


def _rows(session: Session, batch: PaymentBatch):
    return session.execute(
        select(
            Payment.id,
            Payment.amount_fen,
            Payment.top_up_fen,
            Payment.end_to_end_id,
            Payment.account_name,
            Payment.account_sealed,
            Payment.claim_id,
        )
        .where(Payment.county_code == batch.county_code, Payment.batch_id == batch.id)
        .order_by(Payment.id)
    ).all()


def _file(
    session: Session, batch: PaymentBatch, rows, book: str, keyring: Keyring, bank: BankSettings, at: dt.datetime
) -> Ready:
    """The file under the batch's name: written once, the same bytes however often it must be handed over."""
    assert batch.message_id is not None, "an approved batch has its name"
    before = session.scalars(
        select(BankMessage).where(
            BankMessage.county_code == batch.county_code,
            BankMessage.direction == "out",
            BankMessage.message_id == batch.message_id,
        )
    ).one_or_none()
    if before is not None:
        row_id = row_id_text(batch.county_code, before.id)
        content = unseal(keyring, PURPOSE, before.content, **CONTENT_CELL, row_id=row_id).encode()
        assert hashlib.sha256(content).digest() == before.sha256, "the file is what it was"
        return Ready(batch.message_id, before.kind, content)
    accounts = unseal_many(
        keyring,
        PURPOSE,
        [row.account_sealed for row in rows],
        **SEALED_CELL,
        row_ids=[row_id_text(batch.county_code, row.id) for row in rows],
    )
    order = Order(
        message_id=batch.message_id,
        created_at=at,
        execute_on=local_day(at),
        debtor=bank.accounts[book],
        lines=[
            OrderLine(row.end_to_end_id, row.amount_fen, row.account_name, account, f"CLAIM {row.claim_id}")
            for row, account in zip(rows, accounts, strict=True)
        ],
    )
    # Count and sum are computed again from what is about to leave; the batch's own were approved.
    assert (len(order.lines), order.total_fen) == (batch.payment_count, batch.total_fen), "the file is the batch"
    content = written(order, bank.format)
    keep_message(
        session,
        county_code=batch.county_code,
        direction="out",
        kind=bank.format,
        message_id=batch.message_id,
        content=content,
        total_fen=batch.total_fen,
        lines=[("ordered", line.end_to_end_id, line.amount_fen, order.execute_on, None) for line in order.lines],
        batch_id=batch.id,
        keyring=keyring,
        at=at,
    )
    return Ready(batch.message_id, bank.format, content)


def keep_message(
    session: Session,
    *,
    county_code: str,
    direction: str,
    kind: str,
    message_id: str,
    content: bytes,
    total_fen: int,
    lines: list[tuple[str, str, int, dt.date | None, str | None]],
    batch_id: int | None,
    keyring: Keyring,
    at: dt.datetime,
) -> int:
    """A file to or from the bank, sealed, and its lines in one statement; returns the message's number."""
    number = session.scalar(select(func.nextval("contractor.bank_message_id_seq")))
    assert number is not None
    sealed = seal(keyring, PURPOSE, content.decode(), **CONTENT_CELL, row_id=row_id_text(county_code, number))
    session.add(
        BankMessage(
            county_code=county_code,
            id=number,
            direction=direction,
            kind=kind,
            message_id=message_id,
            sha256=hashlib.sha256(content).digest(),
            content=sealed,
            line_count=len(lines),
            total_fen=total_fen,
            at=at,
            batch_id=batch_id,
        )
    )
    session.flush()
    if lines:
        says, names, amounts, days, reasons = (list(column) for column in zip(*lines, strict=True))
        session.execute(
            text(
                """
                INSERT INTO contractor.bank_line
                    (county_code, message_id, says, end_to_end_id, amount_fen, booked_on, reason, line_no)
                SELECT :county_code, :message, line.* FROM unnest(
                    CAST(:says AS text[]), CAST(:names AS text[]), CAST(:amounts AS bigint[]), CAST(:days AS date[]),
                    CAST(:reasons AS text[])) WITH ORDINALITY AS line
                """
            ),
            {
                "county_code": county_code,
                "message": number,
                "says": says,
                "names": names,
                "amounts": amounts,
                "days": days,
                "reasons": reasons,
            },
        )
    return int(number)
