"""Books, accounts, postings and their legs (decision 0034). Balances and seals are written by the database alone."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)
NOW = text("clock_timestamp()")
SCHEMA = "contractor"


class Book(HouseBase):
    __tablename__ = "book"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose money it is.")
    book: Mapped[str] = mapped_column(Text, comment="entrusted, serious or supplementary: money that is never mixed.")
    name_zh: Mapped[str] = mapped_column(Text, comment="Name in Chinese.")
    name_en: Mapped[str] = mapped_column(Text, comment="Name in English.")
    opened_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When it was opened.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "book"),
        CheckConstraint("book IN ('entrusted', 'serious', 'supplementary')", name="book"),
        CheckConstraint("county_code ~ '^[0-9]{6}$'", name="county_code"),
        {"schema": SCHEMA, "comment": "Books of account: one for each pocket of money that may not be mixed."},
    )


class Account(HouseBase):
    __tablename__ = "account"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the book.")
    book: Mapped[str] = mapped_column(Text, comment="Book the account stands in.")
    account_code: Mapped[str] = mapped_column(Text, comment="Code of the chart: M101, or M101.9 for a part of it.")
    name_zh: Mapped[str] = mapped_column(Text, comment="Name in Chinese.")
    name_en: Mapped[str] = mapped_column(Text, comment="Name in English.")
    normal_side: Mapped[str] = mapped_column(Text, comment="debit or credit: the side its balance stands on.")
    identity_side: Mapped[str] = mapped_column(Text, comment="held or owed: its side of the daily identity.")
    floor_fen: Mapped[int | None] = mapped_column(BigInteger, comment="Its balance never falls below; null: no floor.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "book", "account_code"),
        CheckConstraint(r"account_code ~ '^[A-Z][0-9]{3}(\.[0-9]{1,2})?$'", name="account_code"),
        CheckConstraint("normal_side IN ('debit', 'credit')", name="normal_side"),
        CheckConstraint("identity_side IN ('held', 'owed')", name="identity_side"),
        ForeignKeyConstraint(["county_code", "book"], ["contractor.book.county_code", "contractor.book.book"]),
        {"schema": SCHEMA, "comment": "Accounts of a book, as the chart names them."},
    )


class Posting(HouseBase):
    __tablename__ = "posting"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the book.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the posting.")
    book: Mapped[str] = mapped_column(Text, comment="Book it is entered in; all its legs stand in the same.")
    idempotency_key: Mapped[str] = mapped_column(Text, comment="What makes it the same posting: entered once.")
    kind: Mapped[str] = mapped_column(Text, comment="What happened: one of the templates of contractor/ledger.")
    posted_on: Mapped[dt.date] = mapped_column(comment="Business day it belongs to.")
    posted_at: Mapped[dt.datetime] = mapped_column(
        INSTANT, server_default=NOW, comment="When, by the database's clock."
    )
    posted_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null: by rule.")
    batch_id: Mapped[int | None] = mapped_column(BigInteger, comment="Batch it is about; null where it is about none.")
    reverses_posting_id: Mapped[int | None] = mapped_column(BigInteger, comment="Posting it takes back; null: none.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "idempotency_key"),
        UniqueConstraint("county_code", "id", "book"),
        UniqueConstraint("county_code", "reverses_posting_id"),
        CheckConstraint("idempotency_key ~ '^[a-z][a-z0-9_.:/-]{2,119}$'", name="idempotency_key"),
        CheckConstraint("kind ~ '^[a-z][a-z_]{2,39}$'", name="kind"),
        CheckConstraint("reverses_posting_id < id", name="reverses_an_earlier"),
        ForeignKeyConstraint(["county_code", "book"], ["contractor.book.county_code", "contractor.book.book"]),
        ForeignKeyConstraint(
            ["county_code", "reverses_posting_id"], ["contractor.posting.county_code", "contractor.posting.id"]
        ),
        Index(None, "county_code", "batch_id"),
        Index(None, "county_code", "book", "posted_on"),
        {"schema": SCHEMA, "comment": "Entries of the books. A correction is a reversal and a new entry."},
    )


class Leg(HouseBase):
    __tablename__ = "leg"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the book.")
    posting_id: Mapped[int] = mapped_column(BigInteger, comment="Posting it belongs to.")
    leg_no: Mapped[int] = mapped_column(Integer, comment="Its place in the posting, from 1.")
    book: Mapped[str] = mapped_column(Text, comment="Book of the posting.")
    account_code: Mapped[str] = mapped_column(Text, comment="Account it moves.")
    amount_fen: Mapped[int] = mapped_column(BigInteger, comment="Debit above zero, credit below, in fen.")
    payment_id: Mapped[int | None] = mapped_column(BigInteger, comment="Payment it is about; null: about none.")
    ccy: Mapped[str] = mapped_column(CHAR(3), server_default=text("'CNY'"), comment="Currency; there is one.")
    owed_back_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="Debt that is recovered by it; null: about none."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "posting_id", "leg_no"),
        CheckConstraint("amount_fen <> 0", name="amount_fen"),
        CheckConstraint("leg_no > 0", name="leg_no"),
        CheckConstraint("ccy = 'CNY'", name="ccy"),
        ForeignKeyConstraint(
            ["county_code", "posting_id", "book"],
            ["contractor.posting.county_code", "contractor.posting.id", "contractor.posting.book"],
            name="fk_leg_posting",
        ),
        ForeignKeyConstraint(
            ["county_code", "book", "account_code"],
            ["contractor.account.county_code", "contractor.account.book", "contractor.account.account_code"],
            name="fk_leg_account",
        ),
        Index(None, "county_code", "payment_id", postgresql_where=text("payment_id IS NOT NULL")),
        Index(None, "county_code", "owed_back_id", postgresql_where=text("owed_back_id IS NOT NULL")),
        Index(None, "county_code", "book", "account_code", "posting_id"),
        {"schema": SCHEMA, "comment": "Sides of a posting; together they come to zero."},
    )


class PostingSeal(HouseBase):
    __tablename__ = "posting_seal"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the book.")
    posting_id: Mapped[int] = mapped_column(BigInteger, comment="Posting that is closed.")
    leg_count: Mapped[int] = mapped_column(Integer, comment="How many legs it had when it was closed.")
    debit_fen: Mapped[int] = mapped_column(BigInteger, comment="Sum of its debits, which is that of its credits.")
    sealed_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When the database closed it.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "posting_id"),
        CheckConstraint("leg_count >= 2 AND debit_fen > 0", name="is_a_posting"),
        ForeignKeyConstraint(
            ["county_code", "posting_id"], ["contractor.posting.county_code", "contractor.posting.id"]
        ),
        {
            "schema": SCHEMA,
            "comment": "Postings found balanced at the end of their transaction; no leg joins one later.",
        },
    )


class AccountBalance(HouseBase):
    __tablename__ = "account_balance"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the book.")
    book: Mapped[str] = mapped_column(Text, comment="Book of the account.")
    account_code: Mapped[str] = mapped_column(Text, comment="The account.")
    balance_fen: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Sum of its legs, above zero on its normal side."
    )
    floor_fen: Mapped[int | None] = mapped_column(BigInteger, comment="As the account has it.")
    leg_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), comment="How many legs moved it.")
    moved_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When it last moved.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "book", "account_code"),
        CheckConstraint("balance_fen >= floor_fen", name="floor_fen"),
        ForeignKeyConstraint(
            ["county_code", "book", "account_code"],
            ["contractor.account.county_code", "contractor.account.book", "contractor.account.account_code"],
            name="fk_account_balance_account",
        ),
        {
            "schema": SCHEMA,
            "comment": "Balances, kept by the database with every leg; whoever posts locks them in order.",
        },
    )


class LedgerCheck(HouseBase):
    __tablename__ = "ledger_check"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the book.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the check.")
    book: Mapped[str] = mapped_column(Text, comment="Book that was checked.")
    checked_on: Mapped[dt.date] = mapped_column(comment="Business day of the check.")
    checked_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When it was done.")
    held_fen: Mapped[int] = mapped_column(BigInteger, comment="Left side of the identity: held, and paid unreported.")
    owed_fen: Mapped[int] = mapped_column(BigInteger, comment="Right side of the identity: owed to the county.")
    drifted_count: Mapped[int] = mapped_column(Integer, comment="Accounts whose balance is not the sum of their legs.")
    unbalanced_count: Mapped[int] = mapped_column(Integer, comment="Postings that do not come to zero or lack a seal.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("drifted_count >= 0 AND unbalanced_count >= 0", name="counts"),
        ForeignKeyConstraint(["county_code", "book"], ["contractor.book.county_code", "contractor.book.book"]),
        Index(None, "county_code", "book", "checked_at"),
        {"schema": SCHEMA, "comment": "Each day's check of a book: its identity, its balances, its postings."},
    )
