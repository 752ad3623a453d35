"""Money that arrived on the county's account: booked once for the bank's reference, taken back where it was wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from chassis.clock import local_day
from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.ledger.entries import receive_advance
from contractor.ledger.posting import Posted, take_back
from contractor.ledger.queries import bank_balance
from contractor.ledger.refusals import (
    AdvanceIsSpent,
    AdvanceOfTomorrow,
    AdvanceTakenBack,
    BooksNotOpen,
    ReferenceMisspelt,
    ReferenceUsed,
)
from contractor.ledger.tables import Book, Leg, Posting

KIND, TAKEN_BACK = "advance_received", "advance_taken_back"
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,59}")
COMMAND_LINE = Actor(ActorKind.SYSTEM, "command_line")


@dataclass(frozen=True, slots=True)
class Advance:
    """One arrival of money as it is booked."""

    posting_id: int
    book: str
    amount_fen: int
    on: dt.date
    reference: str
    by: int | None
    is_taken_back: bool


def book_advance(
    session: Session,
    *,
    county_code: str,
    book: str,
    amount_fen: int,
    reference: str,
    on: dt.date,
    by: int | None,
    at: dt.datetime,
) -> Posted:
    """Book money that the bank's statement shows on a book's account; the same arrival a second time changes nothing.

    Args:
        reference: the bank's own for this arrival; what was taken back may be booked under it anew.
        by: contractor.staff.id; None from the command line.

    Raises:
        BooksNotOpen, AdvanceOfTomorrow, ReferenceMisspelt; ReferenceUsed: another amount or day is booked under it.
    """
    if not is_open(session, county_code, book):
        raise BooksNotOpen(county=county_code)
    if on > local_day(at):
        raise AdvanceOfTomorrow(on=on.isoformat())
    if not REFERENCE.fullmatch(reference):
        raise ReferenceMisspelt(reference=reference)
    reference = reference.lower()
    before = [one for one in advances_of(session, county_code, book=book) if one.reference == reference]
    taken_back = sum(1 for one in before if one.is_taken_back)
    posted = receive_advance(
        session,
        county_code=county_code,
        book=book,
        amount_fen=amount_fen,
        reference=f"{reference}/{taken_back + 1}" if taken_back else reference,
        on=on,
        by=by,
    )
    if posted.is_new:
        facts = {"book": book, "amount_fen": amount_fen, "on": on.isoformat(), "reference": reference}
        _note(session, "advance.booked", county_code, posted.posting_id, by=by, at=at, **facts)
        return posted
    stands = _one(session, county_code, posted.posting_id)
    if (stands.amount_fen, stands.on) != (amount_fen, on):
        raise ReferenceUsed(reference=reference, amount_fen=stands.amount_fen, on=stands.on.isoformat())
    return posted


def take_back_advance(session: Session, *, county_code: str, posting_id: int, by: int, at: dt.datetime) -> Posted:
    """It was booked wrongly: the opposite is entered beside it, and its reference is free again.

    Raises:
        NotFound, AdvanceTakenBack; AdvanceIsSpent: the account no longer holds that much.
    """
    posting = session.get(Posting, (county_code, posting_id))
    if posting is None or posting.kind != KIND:
        raise NotFound(kind="advance", posting=posting_id)
    advance = _one(session, county_code, posting_id)
    if advance.is_taken_back:
        raise AdvanceTakenBack(posting=posting_id)
    try:
        with session.begin_nested():
            key = f"taken_back/{posting_id}"
            posted = take_back(session, posting, kind=TAKEN_BACK, key=key, on=local_day(at), by=by)
    except IntegrityError as refusal:
        # The balance has a floor in the database, which alone knows what leaves at the same moment.
        held_fen = bank_balance(session, county_code, posting.book)
        raise AdvanceIsSpent(amount_fen=advance.amount_fen, held_fen=held_fen) from refusal
    if not posted.is_new:
        raise AdvanceTakenBack(posting=posting_id)
    facts = {"book": advance.book, "amount_fen": advance.amount_fen, "reference": advance.reference}
    _note(session, "advance.taken_back", county_code, posting_id, by=by, at=at, **facts)
    return posted


def advances_of(
    session: Session,
    county_code: str,
    *,
    book: str | None = None,
    posting_id: int | None = None,
    size: int | None = None,
) -> Sequence[Advance]:
    """Arrivals, newest first."""
    back = aliased(Posting)
    query = (
        select(
            Posting.id,
            Posting.book,
            func.sum(Leg.amount_fen),
            Posting.posted_on,
            Posting.idempotency_key,
            Posting.posted_by,
            back.id.is_not(None),
        )
        .join(Leg, (Leg.county_code == Posting.county_code) & (Leg.posting_id == Posting.id) & (Leg.amount_fen > 0))
        .outerjoin(back, (back.county_code == Posting.county_code) & (back.reverses_posting_id == Posting.id))
        .where(Posting.county_code == county_code, Posting.kind == KIND)
        .group_by(Posting.county_code, Posting.id, back.id)
        .order_by(Posting.id.desc())
        .limit(size)
    )
    if book is not None:
        query = query.where(Posting.book == book)
    if posting_id is not None:
        query = query.where(Posting.id == posting_id)
    return [
        Advance(row[0], row[1], int(row[2]), row[3], row[4].split("/")[2], row[5], row[6])
        for row in session.execute(query)
    ]


def is_open(session: Session, county_code: str, book: str = "entrusted") -> bool:
    return session.get(Book, (county_code, book)) is not None


def _one(session: Session, county_code: str, posting_id: int) -> Advance:
    (found,) = advances_of(session, county_code, posting_id=posting_id)
    return found


def _note(
    session: Session, act: str, county_code: str, posting_id: int, *, by: int | None, at: dt.datetime, **facts: object
) -> None:
    who = COMMAND_LINE if by is None else Actor(ActorKind.STAFF, str(by))
    entry = Entry(act=act, subject_kind="posting", subject_id=str(posting_id), by=who, facts=facts)
    append(session, county_code=county_code, stream="payments", entries=[entry], at=at)
