"""Household accounts and their entries."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from contractor.claims.tables.columns import INSTANT, fen


class HouseholdAccount(HouseBase):
    __tablename__ = "household_account"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the household.")
    household_id: Mapped[int] = mapped_column(BigInteger, comment="The household.")
    last_account_no: Mapped[int] = mapped_column(server_default=text("0"), comment="Last number given.")
    balance_fen: Mapped[int] = fen("What is left in it, in fen; never below zero.", default="0")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "household_id"),
        CheckConstraint("last_account_no >= 0 AND balance_fen >= 0", name="never_overdrawn"),
        {"schema": "contractor", "comment": "Household accounts: one pool a household for outpatient cost."},
    )


class AccountEntry(HouseBase):
    __tablename__ = "account_entry"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the household.")
    entry_id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the entry.")
    household_id: Mapped[int] = mapped_column(BigInteger, comment="The household.")
    account_no: Mapped[int] = mapped_column(comment="Its place in the household's account, from 1.")
    kind: Mapped[int] = mapped_column(SmallInteger, comment="1 credit, 2 outpatient, 3 premium, 4 reversal.")
    amount_fen: Mapped[int] = fen("The credit, or the cost it is asked to pay, in fen.")
    paid_fen: Mapped[int] = fen("What the account pays, in fen; below zero where a visit is taken back.")
    balance_fen: Mapped[int] = fen("Balance after it, in fen.")
    claim_id: Mapped[int | None] = mapped_column(BigInteger, comment="The visit it pays; null for a credit.")
    reverses_entry_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Entry it takes back; 0 for none."
    )
    year: Mapped[int] = mapped_column(comment="Year it belongs to.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was entered.")
    by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null where a rule acted.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "entry_id"),
        UniqueConstraint("county_code", "household_id", "account_no"),
        ForeignKeyConstraint(
            ["county_code", "household_id"],
            ["contractor.household_account.county_code", "contractor.household_account.household_id"],
            name="fk_account_entry_county_code_household_id",
        ),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_account_entry_county_code_claim_id",
        ),
        CheckConstraint("kind BETWEEN 1 AND 4 AND amount_fen >= 0 AND balance_fen >= 0", name="numbers"),
        CheckConstraint("(kind IN (2, 4)) = (claim_id IS NOT NULL)", name="visit"),
        CheckConstraint("(kind = 4) = (reverses_entry_id <> 0)", name="reversal"),
        CheckConstraint("paid_fen <= amount_fen AND (kind = 4 OR paid_fen >= 0)", name="never_more_than_asked"),
        Index(
            "uq_account_entry_one_credit_a_year",
            "county_code",
            "household_id",
            "year",
            unique=True,
            postgresql_where=text("kind = 1"),
        ),
        Index(
            "uq_account_entry_one_reversal",
            "county_code",
            "reverses_entry_id",
            unique=True,
            postgresql_where=text("reverses_entry_id <> 0"),
        ),
        Index(None, "county_code", "claim_id"),
        {"schema": "contractor", "comment": "Entries of household accounts, in their order."},
    )
