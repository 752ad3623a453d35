"""The chart as data: which accounts a book has, what the postings call them, and opening the books of a county."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contractor.ledger.tables import Account, Book

CHART = Path(__file__).with_name("chart.yaml")
BOOK_OF_FUND = {
    "pooled": "entrusted",
    "household_account": "entrusted",
    "serious": "serious",
    "supplementary": "supplementary",
}


@dataclass(frozen=True)
class ChartAccount:
    code: str
    role: str
    name_zh: str
    name_en: str
    side: str
    floor_fen: int | None


@dataclass(frozen=True)
class ChartBook:
    key: str
    name_zh: str
    name_en: str
    accounts: tuple[ChartAccount, ...]

    def code(self, role: str) -> str:
        """The account that plays a role in this book; a book without it is a mistake of ours."""
        return next(account.code for account in self.accounts if account.role == role)


@cache
def the_chart() -> dict[str, ChartBook]:
    read = yaml.safe_load(CHART.read_text(encoding="utf-8"))
    return {
        key: ChartBook(
            key,
            book["zh"],
            book["en"],
            tuple(
                ChartAccount(code, one["role"], one["zh"], one["en"], one["side"], 0 if one["floor"] else None)
                for code, one in book["accounts"].items()
            ),
        )
        for key, book in read.items()
    }


def open_books(session: Session, county_code: str) -> int:
    """Open the county's books and accounts that are not open yet; returns how many accounts were opened."""
    chart = the_chart()
    known = {row.account_code for row in session.scalars(select(Account).where(Account.county_code == county_code))}
    new = [
        {
            "county_code": county_code,
            "book": book.key,
            "account_code": account.code,
            "name_zh": account.name_zh,
            "name_en": account.name_en,
            "normal_side": account.side,
            "identity_side": "held" if account.side == "debit" else "owed",
            "floor_fen": account.floor_fen,
        }
        for book in chart.values()
        for account in book.accounts
        if account.code not in known
    ]
    if not new:
        return 0
    books = [
        {"county_code": county_code, "book": book.key, "name_zh": book.name_zh, "name_en": book.name_en}
        for book in chart.values()
    ]
    session.execute(insert(Book).on_conflict_do_nothing(), books)
    session.execute(insert(Account).on_conflict_do_nothing(), new)
    return len(new)
