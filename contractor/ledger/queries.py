"""Reads of the books: balances, an account's legs a page at a time, one posting."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from contractor.ledger.charts import the_chart
from contractor.ledger.tables import Account, AccountBalance, Book, LedgerCheck, Leg, Posting


def books_of(session: Session, county_code: str) -> Sequence[Book]:
    return session.scalars(select(Book).where(Book.county_code == county_code).order_by(Book.book)).all()


def accounts_of(session: Session, county_code: str) -> Sequence[Row]:
    """Every account with its balance, in the order of the codes."""
    return session.execute(
        select(Account, AccountBalance.balance_fen, AccountBalance.moved_at, AccountBalance.leg_count)
        .join(
            AccountBalance,
            (AccountBalance.county_code == Account.county_code)
            & (AccountBalance.book == Account.book)
            & (AccountBalance.account_code == Account.account_code),
        )
        .where(Account.county_code == county_code)
        .order_by(Account.book, Account.account_code)
    ).all()


def account_of(session: Session, county_code: str, book: str, account_code: str) -> Account | None:
    return session.get(Account, (county_code, book, account_code))


def legs_of(
    session: Session, county_code: str, book: str, account_code: str, *, before: int | None, size: int
) -> Sequence[Row]:
    """Movements of an account, newest first, one row a posting: its side's sum and how many legs it has there."""
    return session.execute(_legs(county_code, book, account_code, before).limit(size + 1)).all()


def posting_of(session: Session, county_code: str, posting_id: int) -> Posting | None:
    return session.get(Posting, (county_code, posting_id))


def legs_of_posting(session: Session, county_code: str, posting_id: int, *, size: int) -> Sequence[Row]:
    """Legs of a posting in their order, each with its account's names; at most `size` and one more."""
    return session.execute(
        select(Leg.leg_no, Leg.account_code, Leg.amount_fen, Leg.payment_id, Account.name_zh, Account.name_en)
        .join(
            Account,
            (Account.county_code == Leg.county_code)
            & (Account.book == Leg.book)
            & (Account.account_code == Leg.account_code),
        )
        .where(Leg.county_code == county_code, Leg.posting_id == posting_id)
        .order_by(Leg.leg_no)
        .limit(size + 1)
    ).all()


def bank_balance(session: Session, county_code: str, book: str) -> int:
    """What the bank account of a book holds, in fen; 0 while the book is not open."""
    key = (county_code, book, the_chart()[book].code("bank"))
    row = session.get(AccountBalance, key, populate_existing=True)
    return row.balance_fen if row is not None else 0


def last_checks(session: Session, county_code: str) -> Sequence[LedgerCheck]:
    """The last check of each book."""
    last = select(func.max(LedgerCheck.id)).where(LedgerCheck.county_code == county_code).group_by(LedgerCheck.book)
    return session.scalars(
        select(LedgerCheck).where(LedgerCheck.county_code == county_code, LedgerCheck.id.in_(last))
    ).all()


def _legs(county_code: str, book: str, account_code: str, before: int | None):
    query = (
        select(
            Posting.id,
            Posting.kind,
            Posting.posted_on,
            Posting.batch_id,
            func.sum(Leg.amount_fen).label("amount_fen"),
            func.count().label("leg_count"),
        )
        .join(Posting, (Posting.county_code == Leg.county_code) & (Posting.id == Leg.posting_id))
        .where(Leg.county_code == county_code, Leg.book == book, Leg.account_code == account_code)
        .group_by(Posting.id, Posting.kind, Posting.posted_on, Posting.batch_id)
        .order_by(Posting.id.desc())
    )
    return query if before is None else query.where(Posting.id < before)
