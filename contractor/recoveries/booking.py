"""Recovered money in the books: each debt that shrinks stands as recovered, whichever way it came back (decision 0050).

Money that came back is on the bank account and held for the county. What a new decision takes from money its payee
holds already moves nothing at the bank: it is spent for the new decision and recovered from the old one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from contractor.ledger.charts import BOOK_OF_FUND, the_chart
from contractor.ledger.entries import PAID_ROLE
from contractor.ledger.posting import NewLeg, Posted, post

RECEIVED, SET_OFF = "repayment_received", "debts_set_off"


def book_set_offs(session: Session, rows: Sequence[Mapping[str, Any]], *, county_code: str, on: dt.date) -> None:
    """One posting for each book, however many set-offs.

    Args:
        rows: id, owed_back_id, fund, amount_fen and top_up_fen of each.
    """
    by_book: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_book.setdefault(BOOK_OF_FUND[row["fund"]], []).append(row)
    for book, own in sorted(by_book.items()):
        legs = [leg for row in own for leg in _met(book, row)]
        key = f"set_off/{min(row['id'] for row in own)}"
        post(session, legs, county_code=county_code, book=book, kind=SET_OFF, key=key, on=on)


def book_repayment(
    session: Session,
    *,
    county_code: str,
    fund: str,
    repayment_id: int,
    owed_back_id: int,
    amount_fen: int,
    on: dt.date,
    by: int,
) -> Posted:
    """Money that stands on our account again, held for the county until it is handed over."""
    book = BOOK_OF_FUND[fund]
    code = the_chart()[book].code
    legs = [NewLeg(code("bank"), amount_fen), NewLeg(code("recovered"), -amount_fen, owed_back_id=owed_back_id)]
    key = f"repayment/{repayment_id}"
    return post(session, legs, county_code=county_code, book=book, kind=RECEIVED, key=key, on=on, by=by)


def _met(book: str, row: Mapping[str, Any]) -> list[NewLeg]:
    code, debt = the_chart()[book].code, row["owed_back_id"]
    parts = [(PAID_ROLE[row["fund"]], row["amount_fen"] - row["top_up_fen"]), ("paid_top_up", row["top_up_fen"])]
    legs = [NewLeg(code(role), fen, owed_back_id=debt) for role, fen in parts if fen]
    return [*legs, NewLeg(code("recovered"), -row["amount_fen"], owed_back_id=debt)]
