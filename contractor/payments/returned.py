"""What the bank refused or sent back: a person has it paid again to a corrected account, or calls it off.

Nothing here happens by rule. Whoever reissues a payment cannot approve the batch it leaves in (migration 0011).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.bank_accounts import parse_card_number, parse_settlement_account
from chassis.vault.blind_index import index
from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, seal, unseal
from contractor.ledger.charts import BOOK_OF_FUND
from contractor.ledger.entries import PaidLine, post_cancelled_return
from contractor.payments.moves import locked_payment, move_payments
from contractor.payments.planning import PURPOSE, SEALED_CELL, end_to_end_id
from contractor.payments.queries import server_timeline
from contractor.payments.tables import Payment
from rulebook.lifecycles.payment import E, S

# Along `replaces_payment_id` to the first payment; the ones that came back are what suspense holds money for.
_CAME_BACK = """
    WITH RECURSIVE chain AS (
        SELECT id AS asked, replaces_payment_id FROM contractor.payment
        WHERE county_code = :county_code AND id = ANY(:ids)
        UNION ALL
        SELECT chain.asked, older.replaces_payment_id FROM chain
        JOIN contractor.payment AS older ON older.county_code = :county_code AND older.id = chain.replaces_payment_id
    )
    SELECT DISTINCT chain.asked FROM chain
    JOIN contractor.payment_event AS event ON event.county_code = :county_code
        AND event.payment_id = chain.replaces_payment_id AND event.event = 'returned'
"""


def from_suspense(session: Session, county_code: str, ids: Sequence[int]) -> set[int]:
    """Which of these payments pay what came back once: their money stands in suspense, booked as paid before."""
    if not ids:
        return set()
    return set(session.scalars(text(_CAME_BACK), {"county_code": county_code, "ids": list(ids)}))


def reissue(
    session: Session,
    *,
    county_code: str,
    payment_id: int,
    account_name: str,
    account: str | None,
    reason: str,
    keyring: Keyring,
    by: int,
    at: dt.datetime,
) -> int:
    """Plan the same amount to the same payee again, to this account, or to the same one where none is given.

    Returns the new payment's number. Raises: NotFound, PaymentNotInThisState, BankAccountRefused.
    """
    old = locked_payment(session, county_code, payment_id, S.REFUSED_BY_BANK, S.RETURNED)
    if account is None:
        row_id = row_id_text(county_code, payment_id)
        number = unseal(keyring, PURPOSE, old.account_sealed, **SEALED_CELL, row_id=row_id)
    else:
        parsed = parse_card_number(account) if old.payee_kind == "member" else parse_settlement_account(account)
        number = parsed.text
    _move(session, old, E.REISSUED, reason=reason, by=by, at=at)
    new_id = session.scalar(select(func.nextval("contractor.payment_id_seq")))
    assert new_id is not None
    same = ("settlement_id", "account_entry_id", "claim_id", "fund", "payee_kind", "institution_code", "member_id")
    session.execute(
        insert(Payment).values(
            county_code=county_code,
            id=new_id,
            **{name: getattr(old, name) for name in (*same, "amount_fen", "top_up_fen")},
            account_name=account_name,
            account_sealed=seal(keyring, PURPOSE, number, **SEALED_CELL, row_id=row_id_text(county_code, new_id)),
            account_index=index(keyring, PURPOSE, number),
            end_to_end_id=end_to_end_id(county_code, server_timeline(session), new_id),
            replaces_payment_id=payment_id,
            planned_at=at,
            planned_by=by,
        )
    )
    _note(session, "payment.reissued", old, by=by, at=at, replaced_by=new_id)
    return int(new_id)


def cancel(session: Session, *, county_code: str, payment_id: int, reason: str, by: int, at: dt.datetime) -> None:
    """It is not owed any more. What came back leaves suspense, and the spending booked for it is taken back.

    Raises: NotFound, PaymentNotInThisState.
    """
    payment = locked_payment(session, county_code, payment_id, S.PLANNED, S.REFUSED_BY_BANK, S.RETURNED)
    is_in_suspense = payment.state == S.RETURNED or bool(from_suspense(session, county_code, [payment_id]))
    _move(session, payment, E.CANCELLED, reason=reason, by=by, at=at)
    if is_in_suspense:
        line = PaidLine(payment.id, payment.fund, payment.amount_fen, payment.top_up_fen)
        book = BOOK_OF_FUND[payment.fund]
        post_cancelled_return(session, line, county_code=county_code, book=book, on=local_day(at), by=by)
    _note(session, "payment.cancelled", payment, by=by, at=at)


def _move(session: Session, payment: Payment, event: E, *, reason: str, by: int, at: dt.datetime) -> None:
    moved = move_payments(
        session,
        payment.county_code,
        Payment.id == payment.id,
        event,
        from_states=[S(payment.state)],
        at=at,
        by=by,
        reason=reason,
    )
    assert moved == [payment.id], "it is locked, so nobody moved it meanwhile"


def _note(session: Session, act: str, payment: Payment, *, by: int, at: dt.datetime, **facts: object) -> None:
    entry = Entry(
        act=act,
        subject_kind="payment",
        subject_id=str(payment.id),
        by=Actor(ActorKind.STAFF, str(by)),
        facts={"claim": payment.claim_id, "fund": payment.fund, "amount_fen": payment.amount_fen, **facts},
    )
    append(session, county_code=payment.county_code, stream="payments", entries=[entry], at=at)
