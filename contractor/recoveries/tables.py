"""Money that payees hold for decisions that were taken back, and what of it was set off against new ones (0046)."""

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
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)
ZERO = text("0")


def _number(comment: str, *, default: bool = False):
    return mapped_column(BigInteger, server_default=ZERO if default else None, comment=comment)


class OwedBack(HouseBase):
    __tablename__ = "owed_back"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the debt.")
    claim_id: Mapped[int] = _number("Claim whose decision was taken back.")
    settlement_id: Mapped[int] = _number("Settlement that was taken back; 0 for a visit.", default=True)
    account_entry_id: Mapped[int] = _number("Account entry that was taken back; 0 for a stay.", default=True)
    fund: Mapped[str] = mapped_column(Text, comment="pooled, serious, supplementary or household_account.")
    payee_kind: Mapped[str] = mapped_column(Text, comment="institution or member: who holds the money.")
    institution_code: Mapped[str | None] = mapped_column(Text, comment="The institution that holds it.")
    member_id: Mapped[int | None] = mapped_column(BigInteger, comment="The member who holds it.")
    amount_fen: Mapped[int] = _number("What was paid or set off for that decision, in fen.")
    top_up_fen: Mapped[int] = _number("Part of it that is the top-up of the poor.", default=True)
    reason_code: Mapped[str] = mapped_column(Text, comment="Why the decision was taken back.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When.")
    by: Mapped[int] = _number("contractor.staff.id of who took it back.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_owed_back_county_code_claim_id",
        ),
        CheckConstraint("amount_fen > 0 AND top_up_fen BETWEEN 0 AND amount_fen", name="amount_fen"),
        CheckConstraint("fund IN ('pooled', 'serious', 'supplementary', 'household_account')", name="fund"),
        CheckConstraint("(settlement_id = 0) <> (account_entry_id = 0)", name="of_one_decision"),
        CheckConstraint(
            "(payee_kind = 'institution') = (institution_code IS NOT NULL) "
            "AND (payee_kind = 'member') = (member_id IS NOT NULL)",
            name="payee",
        ),
        Index("uq_owed_back_once", "county_code", "settlement_id", "account_entry_id", "fund", unique=True),
        Index(None, "county_code", "claim_id"),
        {"schema": "contractor", "comment": "Money paid for decisions that were taken back; the payee holds it."},
    )


class SetOff(HouseBase):
    __tablename__ = "set_off"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the set-off.")
    owed_back_id: Mapped[int] = _number("What was owed back and is so much less now.")
    claim_id: Mapped[int] = _number("The claim; both decisions are its own.")
    settlement_id: Mapped[int] = _number("New settlement that is met by it; 0 for a visit.", default=True)
    account_entry_id: Mapped[int] = _number("New account entry that is met by it; 0 for a stay.", default=True)
    fund: Mapped[str] = mapped_column(Text, comment="The fund of both.")
    amount_fen: Mapped[int] = _number("How much of it, in fen.")
    top_up_fen: Mapped[int] = _number("Part of it that is the top-up of the poor.", default=True)
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(
            ["county_code", "owed_back_id"], ["contractor.owed_back.county_code", "contractor.owed_back.id"]
        ),
        CheckConstraint("amount_fen > 0 AND top_up_fen BETWEEN 0 AND amount_fen", name="amount_fen"),
        CheckConstraint("(settlement_id = 0) <> (account_entry_id = 0)", name="meets_one_decision"),
        Index(None, "county_code", "owed_back_id"),
        Index(None, "county_code", "claim_id"),
        Index(
            "uq_set_off_once", "county_code", "settlement_id", "account_entry_id", "fund", "owed_back_id", unique=True
        ),
        {"schema": "contractor", "comment": "What a claim's new decision takes from money the payee already holds."},
    )


class AssistanceTakenBack(HouseBase):
    __tablename__ = "assistance_taken_back"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    settlement_id: Mapped[int] = _number("Settlement whose entitlement is taken back.")
    reversal_id: Mapped[int] = _number("Settlement that took that one back.")
    claim_id: Mapped[int] = _number("The claim.")
    member_id: Mapped[int] = _number("Who is not entitled to it any more.")
    amount_fen: Mapped[int] = _number("What civil affairs is told not to pay, or to recover, in fen.")
    taken_back_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "settlement_id"),
        ForeignKeyConstraint(
            ["county_code", "settlement_id"],
            ["contractor.assistance_entitlement.county_code", "contractor.assistance_entitlement.settlement_id"],
        ),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        Index(None, "county_code", "member_id"),
        {"schema": "contractor", "comment": "Entitlements to medical assistance that a reversal took back."},
    )


class Repayment(HouseBase):
    __tablename__ = "repayment"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the debt.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the repayment.")
    owed_back_id: Mapped[int] = _number("The debt that is so much less.")
    amount_fen: Mapped[int] = _number("How much came back, in fen.")
    way: Mapped[str] = mapped_column(Text, comment="bank_credit, or cash_deposit: cash that was paid in at the bank.")
    reference: Mapped[str] = mapped_column(
        Text, comment="The bank's own number of the arrival, or of the paying-in slip, in small letters."
    )
    arrived_on: Mapped[dt.date] = mapped_column(comment="Day on which it stood on our account.")
    entered_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was entered.")
    entered_by: Mapped[int] = _number("contractor.staff.id of the cashier.")
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When another person confirmed it and it was booked."
    )
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of that person.")
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it was given up instead.")
    withdrawn_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who gave it up.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(
            ["county_code", "owed_back_id"], ["contractor.owed_back.county_code", "contractor.owed_back.id"]
        ),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint("way IN ('bank_credit', 'cash_deposit')", name="way"),
        CheckConstraint("reference ~ '^[a-z0-9][a-z0-9._-]{2,59}$'", name="reference"),
        CheckConstraint("arrived_on <= (entered_at AT TIME ZONE 'Asia/Shanghai')::date", name="arrived"),
        CheckConstraint("confirmed_by <> entered_by", name="two_people"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
        CheckConstraint("confirmed_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index(None, "county_code", "owed_back_id"),
        Index(
            "uq_repayment_reference_once",
            "county_code",
            "owed_back_id",
            "reference",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "ix_repayment_waiting",
            "county_code",
            "id",
            postgresql_where=text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
        ),
        {
            "schema": "contractor",
            "comment": (
                "Money that payees paid back: entered by one person with its evidence, booked when another confirms it."
            ),
        },
    )
