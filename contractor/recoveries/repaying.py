"""Money that a payee pays back: a cashier enters it with its evidence, a checker confirms it, and it is booked.

In part or whole, by bank or paid in as cash at the bank; whichever way, it stands on our account before it is entered.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.recoveries.booking import book_repayment
from contractor.recoveries.queries import Debt, debt_of
from contractor.recoveries.refusals import (
    ArrivedTomorrow,
    ConfirmedByAnother,
    EvidenceUsed,
    MoreThanOwed,
    RepaymentEnded,
)
from contractor.recoveries.tables import Repayment

STREAM = "payments"
BANK_CREDIT, CASH_DEPOSIT = "bank_credit", "cash_deposit"
WAYS = (BANK_CREDIT, CASH_DEPOSIT)


def enter(
    session: Session,
    owed_back_id: int,
    *,
    county_code: str,
    amount_fen: int,
    way: str,
    reference: str,
    arrived_on: dt.date,
    by: int,
    at: dt.datetime,
) -> int:
    """Enter money that stands on our account again. It changes nothing until another person has confirmed it.

    Args:
        reference: the bank's number of the arrival, or of the paying-in slip; once for each debt.

    Raises: NotFound, MoreThanOwed, EvidenceUsed, ArrivedTomorrow.
    """
    assert way in WAYS and amount_fen > 0, "the form lets nothing else through"
    debt = _known(session, county_code, owed_back_id)
    if arrived_on > local_day(at):
        raise ArrivedTomorrow(on=arrived_on)
    r = Repayment
    own = (r.county_code == county_code, r.owed_back_id == owed_back_id, r.withdrawn_at.is_(None))
    known = session.execute(select(r.id, r.amount_fen).where(*own, r.reference == reference.lower())).one_or_none()
    if known is not None:
        raise EvidenceUsed(repayment_id=known.id, amount_fen=known.amount_fen)
    if amount_fen > debt.open_fen - debt.waiting_fen:
        raise MoreThanOwed(open_fen=debt.open_fen, waiting_fen=debt.waiting_fen)
    number = session.execute(
        insert(r)
        .values(
            county_code=county_code, owed_back_id=owed_back_id, amount_fen=amount_fen, way=way,
            reference=reference.lower(), arrived_on=arrived_on, entered_at=at, entered_by=by,
        )
        .returning(r.id)
    ).scalar_one()  # fmt: skip
    _note(session, county_code, "repayment.entered", number, by=by, at=at, debt=owed_back_id, amount_fen=amount_fen)
    return int(number)


def confirm(session: Session, repayment_id: int, *, county_code: str, by: int, at: dt.datetime) -> None:
    """Another person has compared it with its evidence; it is booked.

    Raises: NotFound, RepaymentEnded, ConfirmedByAnother, MoreThanOwed (a new decision took from it since).
    """
    repayment = _open(session, county_code, repayment_id)
    if repayment.entered_by == by:
        raise ConfirmedByAnother()
    debt = _known(session, county_code, repayment.owed_back_id)
    try:
        with session.begin_nested():
            repayment.confirmed_at, repayment.confirmed_by = at, by
            session.flush()
    except IntegrityError as refusal:
        # The database alone knows what is set off or confirmed at the same moment.
        raise MoreThanOwed(open_fen=debt.open_fen, waiting_fen=debt.waiting_fen) from refusal
    book_repayment(
        session, county_code=county_code, fund=debt.fund, repayment_id=repayment_id, owed_back_id=debt.owed_back_id,
        amount_fen=repayment.amount_fen, on=local_day(at), by=by,
    )  # fmt: skip
    facts = {"debt": debt.owed_back_id, "claim": debt.claim_id, "amount_fen": repayment.amount_fen}
    _note(session, county_code, "repayment.confirmed", repayment_id, by=by, at=at, **facts)


def withdraw(session: Session, repayment_id: int, *, county_code: str, by: int, at: dt.datetime) -> None:
    """It was entered wrongly; nothing was booked. Raises: NotFound, RepaymentEnded."""
    repayment = _open(session, county_code, repayment_id)
    repayment.withdrawn_at, repayment.withdrawn_by = at, by
    session.flush()
    _note(session, county_code, "repayment.withdrawn", repayment_id, by=by, at=at, debt=repayment.owed_back_id)


def _known(session: Session, county_code: str, owed_back_id: int) -> Debt:
    debt = debt_of(session, county_code, owed_back_id)
    if debt is None:
        raise NotFound(kind="owed_back")
    return debt


def _open(session: Session, county_code: str, repayment_id: int) -> Repayment:
    asked = select(Repayment).where(Repayment.county_code == county_code, Repayment.id == repayment_id)
    found = session.scalar(asked.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound(kind="repayment")
    if found.confirmed_at is not None or found.withdrawn_at is not None:
        raise RepaymentEnded(repayment_id=repayment_id)
    return found


def _note(
    session: Session, county_code: str, act: str, number: int, *, by: int, at: dt.datetime, **facts: object
) -> None:
    entry = Entry(act, "repayment", str(number), Actor(ActorKind.STAFF, str(by)), facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
