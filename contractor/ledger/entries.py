"""The templates of the books: what each event of the money's way debits and credits (ACCOUNTS.md 2 and 4).

bank → in transit when a batch leaves; in transit → paid, not yet reported when the bank confirms; in transit → bank
when it refuses; bank → suspense when a paid amount comes back, and from there to whom it is paid after all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from contractor.ledger.charts import the_chart
from contractor.ledger.posting import NewLeg, Posted, post, posting_of, take_back
from contractor.ledger.tables import Posting

PAID_ROLE = {
    "pooled": "paid_pooled",
    "household_account": "paid_household",
    "serious": "paid_serious",
    "supplementary": "paid_supplementary",
}


@dataclass(frozen=True, slots=True)
class PaidLine:
    """What a posting needs to know of a payment."""

    payment_id: int
    fund: str
    amount_fen: int
    top_up_fen: int
    is_from_suspense: bool = False
    """It is paid again after it came back: its first payment was booked as paid and stays so."""


def receive_advance(
    session: Session,
    *,
    county_code: str,
    book: str,
    amount_fen: int,
    reference: str,
    on: dt.date,
    by: int | None = None,
) -> Posted:
    """Money arrived on the account that this book is about: the turnover fund's opening, a premium, a top-up.

    `reference` is the bank's own, so that one arrival is booked once.
    """
    assert amount_fen > 0, "an advance is money received"
    code = the_chart()[book].code
    return post(
        session,
        [NewLeg(code("bank"), amount_fen), NewLeg(code("owed"), -amount_fen)],
        county_code=county_code,
        book=book,
        kind="advance_received",
        key=f"advance/{book}/{reference.lower()}",
        on=on,
        by=by,
    )


def post_release(
    session: Session, lines: Sequence[PaidLine], *, county_code: str, book: str, batch_id: int, round_: int, on: dt.date
) -> Posted:
    """A batch leaves: its money is in transit. `round_` counts how often it was tried."""
    code = the_chart()[book].code
    total_fen = sum(line.amount_fen for line in lines)
    in_transit = code("in_transit")
    return post(
        session,
        [NewLeg(in_transit, line.amount_fen, line.payment_id) for line in lines] + [NewLeg(code("bank"), -total_fen)],
        county_code=county_code,
        book=book,
        kind="batch_released",
        key=release_key(batch_id, round_),
        on=on,
        batch_id=batch_id,
    )


def release_key(batch_id: int, round_: int) -> str:
    return f"release/{batch_id}/{round_}"


def take_back_release(session: Session, *, county_code: str, batch_id: int, round_: int, on: dt.date) -> Posted:
    """The bank has not taken the batch: its money never left."""
    released: Posting = posting_of(session, county_code, release_key(batch_id, round_))
    return take_back(session, released, kind="release_taken_back", key=f"not_taken/{batch_id}/{round_}", on=on)


def post_answers(
    session: Session, what: str, lines: Sequence[PaidLine], *, county_code: str, book: str, key: str, on: dt.date
) -> Posted:
    """The bank has answered for these payments of one book: `confirmed`, `refused` or `returned`."""
    legs = {"confirmed": _confirmed, "refused": _refused, "returned": _returned}[what](book, lines)
    return post(session, legs, county_code=county_code, book=book, kind=f"payments_{what}", key=key, on=on)


def post_cancelled_return(
    session: Session, line: PaidLine, *, county_code: str, book: str, on: dt.date, by: int
) -> Posted:
    """What came back is owed to nobody: it was not paid after all."""
    suspense = the_chart()[book].code("suspense")
    legs = [NewLeg(suspense, line.amount_fen, line.payment_id)]
    legs += [NewLeg(leg.account_code, -leg.amount_fen, leg.payment_id) for leg in _paid(book, line)]
    key = f"cancelled/{line.payment_id}"
    return post(session, legs, county_code=county_code, book=book, kind="return_cancelled", key=key, on=on, by=by)


def _confirmed(book: str, lines: Sequence[PaidLine]) -> list[NewLeg]:
    code = the_chart()[book].code
    legs: list[NewLeg] = []
    for line in lines:
        if line.is_from_suspense:
            legs.append(NewLeg(code("suspense"), line.amount_fen, line.payment_id))
        else:
            legs += _paid(book, line)
        legs.append(NewLeg(code("in_transit"), -line.amount_fen, line.payment_id))
    return legs


def _refused(book: str, lines: Sequence[PaidLine]) -> list[NewLeg]:
    code = the_chart()[book].code
    in_transit = [NewLeg(code("in_transit"), -line.amount_fen, line.payment_id) for line in lines]
    return [NewLeg(code("bank"), sum(line.amount_fen for line in lines)), *in_transit]


def _returned(book: str, lines: Sequence[PaidLine]) -> list[NewLeg]:
    code = the_chart()[book].code
    suspense = [NewLeg(code("suspense"), -line.amount_fen, line.payment_id) for line in lines]
    return [NewLeg(code("bank"), sum(line.amount_fen for line in lines)), *suspense]


def _paid(book: str, line: PaidLine) -> list[NewLeg]:
    """Paid, not yet reported; the top-up of the poor apart."""
    code = the_chart()[book].code
    parts = [(PAID_ROLE[line.fund], line.amount_fen - line.top_up_fen), ("paid_top_up", line.top_up_fen)]
    return [NewLeg(code(role), fen, line.payment_id) for role, fen in parts if fen]
