"""Enter a posting: its legs in one statement, once for its key. The database balances, seals and moves the balances."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contractor.ledger.tables import Leg, Posting


@dataclass(frozen=True, slots=True)
class NewLeg:
    """Debit above zero, credit below."""

    account_code: str
    amount_fen: int
    payment_id: int | None = None
    owed_back_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    posting_id: int
    is_new: bool
    """False: a posting of this key stood already, and nothing was entered."""


def post(
    session: Session,
    legs: Sequence[NewLeg],
    *,
    county_code: str,
    book: str,
    kind: str,
    key: str,
    on: dt.date,
    by: int | None = None,
    batch_id: int | None = None,
    reverses: int | None = None,
) -> Posted:
    """Enter these legs under this key, or find that they were entered before."""
    assert len(legs) >= 2 and sum(leg.amount_fen for leg in legs) == 0, "a posting has two sides that are equal"
    assert all(type(leg.amount_fen) is int for leg in legs), "money is whole fen"
    posting_id = session.execute(
        insert(Posting)
        .values(
            county_code=county_code,
            book=book,
            idempotency_key=key,
            kind=kind,
            posted_on=on,
            posted_by=by,
            batch_id=batch_id,
            reverses_posting_id=reverses,
        )
        .on_conflict_do_nothing(index_elements=["county_code", "idempotency_key"])
        .returning(Posting.id)
    ).scalar_one_or_none()
    if posting_id is None:
        return Posted(posting_of(session, county_code, key).id, is_new=False)
    session.execute(
        text(
            """
            INSERT INTO contractor.leg
                (county_code, posting_id, book, account_code, amount_fen, payment_id, owed_back_id, leg_no)
            SELECT :county_code, :posting_id, :book, leg.*
            FROM unnest(CAST(:accounts AS text[]), CAST(:amounts AS bigint[]), CAST(:payments AS bigint[]),
                CAST(:debts AS bigint[])) WITH ORDINALITY AS leg
            """
        ),
        {
            "county_code": county_code,
            "posting_id": posting_id,
            "book": book,
            "accounts": [leg.account_code for leg in legs],
            "amounts": [leg.amount_fen for leg in legs],
            "payments": [leg.payment_id for leg in legs],
            "debts": [leg.owed_back_id for leg in legs],
        },
    )
    return Posted(posting_id, is_new=True)


def take_back(session: Session, posting: Posting, *, kind: str, key: str, on: dt.date, by: int | None = None) -> Posted:
    """Enter the opposite of a posting; that posting itself stays as it was."""
    legs = session.scalars(
        select(Leg).where(Leg.county_code == posting.county_code, Leg.posting_id == posting.id).order_by(Leg.leg_no)
    )
    return post(
        session,
        [NewLeg(leg.account_code, -leg.amount_fen, leg.payment_id, leg.owed_back_id) for leg in legs],
        county_code=posting.county_code,
        book=posting.book,
        kind=kind,
        key=key,
        on=on,
        by=by,
        batch_id=posting.batch_id,
        reverses=posting.id,
    )


def posting_of(session: Session, county_code: str, key: str) -> Posting:
    return session.scalars(
        select(Posting).where(Posting.county_code == county_code, Posting.idempotency_key == key)
    ).one()
