"""The identity of MONEY.md, every day and to the fen: what is held, and paid but unreported, is what is owed.

Both sides come from the legs, not from the balances kept beside them: a balance that drifted shows as one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from chassis.clock import local_day
from contractor.ledger.tables import LedgerCheck

_SIDES = """
    SELECT account.book,
           coalesce(sum(legs.fen) FILTER (WHERE account.identity_side = 'held'), 0)::bigint AS held_fen,
           coalesce(-sum(legs.fen) FILTER (WHERE account.identity_side = 'owed'), 0)::bigint AS owed_fen,
           count(*) FILTER (WHERE balance.balance_fen <>
               CASE account.normal_side WHEN 'debit' THEN 1 ELSE -1 END * coalesce(legs.fen, 0)) AS drifted_count
    FROM contractor.account
    JOIN contractor.account_balance AS balance USING (county_code, book, account_code)
    LEFT JOIN (
        SELECT county_code, book, account_code, sum(amount_fen) AS fen FROM contractor.leg
        GROUP BY county_code, book, account_code) AS legs USING (county_code, book, account_code)
    WHERE account.county_code = :county_code GROUP BY account.book ORDER BY account.book
"""
_UNBALANCED = """
    SELECT book, count(*) FROM (
        SELECT posting.book FROM contractor.posting
        LEFT JOIN contractor.leg ON (leg.county_code, leg.posting_id) = (posting.county_code, posting.id)
        LEFT JOIN contractor.posting_seal AS seal
            ON (seal.county_code, seal.posting_id) = (posting.county_code, posting.id)
        WHERE posting.county_code = :county_code
        GROUP BY posting.book, posting.id, seal.leg_count
        HAVING coalesce(sum(leg.amount_fen), 0) <> 0 OR count(leg.leg_no) IS DISTINCT FROM seal.leg_count) AS bad
    GROUP BY book
"""


@dataclass(frozen=True, slots=True)
class BookIdentity:
    """One book today."""

    book: str
    held_fen: int
    owed_fen: int
    drifted_count: int
    unbalanced_count: int

    @property
    def difference_fen(self) -> int:
        return self.held_fen - self.owed_fen

    @property
    def holds(self) -> bool:
        return (self.difference_fen, self.drifted_count, self.unbalanced_count) == (0, 0, 0)


def identities(session: Session, county_code: str) -> Sequence[BookIdentity]:
    """The identity of each book, as its legs have it."""
    given = {"county_code": county_code}
    unbalanced = {row[0]: row[1] for row in session.execute(text(_UNBALANCED), given)}
    return [
        BookIdentity(*row, unbalanced_count=unbalanced.get(row.book, 0)) for row in session.execute(text(_SIDES), given)
    ]


def check_books(session: Session, *, county_code: str, at: dt.datetime) -> Sequence[BookIdentity]:
    """Check every book and keep what was found."""
    found = identities(session, county_code)
    rows = [
        {
            "county_code": county_code,
            "book": one.book,
            "checked_on": local_day(at),
            "checked_at": at,
            "held_fen": one.held_fen,
            "owed_fen": one.owed_fen,
            "drifted_count": one.drifted_count,
            "unbalanced_count": one.unbalanced_count,
        }
        for one in found
    ]
    if rows:
        session.execute(insert(LedgerCheck), rows)
    return found
