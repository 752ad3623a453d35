"""Payments and their history. A row carries its last event; the database checks the move and writes the history."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
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
from contractor.payments.tables.columns import FUNDS, INSTANT, KINDS, NOW, SCHEMA, ZERO


class Payment(HouseBase):
    __tablename__ = "payment"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose scheme owes it.")
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), comment="Number of the payment; its sealed account is bound to it."
    )
    settlement_id: Mapped[int | None] = mapped_column(BigInteger, comment="Settlement it pays; null: an account entry.")
    account_entry_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="Entry of a household account it pays; null: a settlement."
    )
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="Claim it belongs to.")
    fund: Mapped[str] = mapped_column(Text, comment="pooled, serious, supplementary or household_account.")
    payee_kind: Mapped[str] = mapped_column(Text, comment="institution or member.")
    institution_code: Mapped[str | None] = mapped_column(Text, comment="The institution paid; null where a member is.")
    member_id: Mapped[int | None] = mapped_column(BigInteger, comment="The member paid, in person or by mandate.")
    account_name: Mapped[str] = mapped_column(Text, comment="Name the account is held in.")
    account_sealed: Mapped[bytes] = mapped_column(comment="Account number, sealed by the application for this row.")
    account_index: Mapped[bytes] = mapped_column(
        comment="Blind index of the account: two payments to one account show."
    )
    amount_fen: Mapped[int] = mapped_column(BigInteger, comment="What is paid, in fen.")
    top_up_fen: Mapped[int] = mapped_column(
        BigInteger, server_default=ZERO, comment="Part of it that is the top-up of the poor, reported apart."
    )
    end_to_end_id: Mapped[str] = mapped_column(Text, comment="What the bank calls it, from file to return.")
    replaces_payment_id: Mapped[int | None] = mapped_column(BigInteger, comment="Payment it is issued in place of.")
    planned_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it came into being.")
    planned_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="contractor.staff.id of who reissued it to an account; null: by rule, with the decision."
    )
    state: Mapped[str] = mapped_column(Text, server_default=text("'planned'"), comment="rulebook.lifecycles.payment.")
    version: Mapped[int] = mapped_column(Integer, server_default=ZERO, comment="How often it has moved.")
    batch_id: Mapped[int | None] = mapped_column(BigInteger, comment="Batch it is in; null while it is in none.")
    last_event: Mapped[str | None] = mapped_column(Text, comment="Event of its last move; null before the first.")
    last_event_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When that happened.")
    last_event_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null: by rule or bank.")
    last_reason: Mapped[str | None] = mapped_column(Text, comment="Why, as the person or the bank said it.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "end_to_end_id"),
        UniqueConstraint("county_code", "replaces_payment_id"),
        CheckConstraint(FUNDS, name="fund"),
        CheckConstraint(KINDS, name="payee_kind"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint(
            "top_up_fen BETWEEN 0 AND amount_fen AND (top_up_fen = 0 OR fund = 'pooled')", name="top_up_fen"
        ),
        CheckConstraint("num_nonnulls(settlement_id, account_entry_id) = 1", name="pays_one_thing"),
        CheckConstraint("(fund = 'household_account') = (account_entry_id IS NOT NULL)", name="fund_of_entry"),
        CheckConstraint(
            "(payee_kind = 'institution') = (institution_code IS NOT NULL) "
            "AND (payee_kind = 'member') = (member_id IS NOT NULL)",
            name="payee",
        ),
        CheckConstraint("end_to_end_id ~ '^[A-Z0-9]{4,35}$'", name="end_to_end_id"),
        CheckConstraint(
            "octet_length(account_sealed) > 34 AND octet_length(account_index) = 32", name="account_is_sealed"
        ),
        CheckConstraint("char_length(btrim(account_name)) BETWEEN 1 AND 140", name="account_name"),
        CheckConstraint(
            "CASE state WHEN 'planned' THEN batch_id IS NULL WHEN 'cancelled' THEN true ELSE batch_id IS NOT NULL END",
            name="batch_id",
        ),
        CheckConstraint("version >= 0 AND (version = 0) = (last_event IS NULL)", name="version"),
        CheckConstraint("(last_event IS NULL) = (last_event_at IS NULL)", name="last_event"),
        CheckConstraint("char_length(last_reason) <= 300", name="last_reason"),
        CheckConstraint("replaces_payment_id < id", name="replaces_an_earlier"),
        CheckConstraint("county_code ~ '^[0-9]{6}$'", name="county_code"),
        ForeignKeyConstraint(
            ["county_code", "replaces_payment_id"], ["contractor.payment.county_code", "contractor.payment.id"]
        ),
        ForeignKeyConstraint(
            ["county_code", "batch_id"], ["contractor.payment_batch.county_code", "contractor.payment_batch.id"]
        ),
        Index(
            "uq_payment_settlement_is_paid_once_per_fund",
            "county_code",
            "settlement_id",
            "fund",
            unique=True,
            postgresql_where=text("settlement_id IS NOT NULL AND replaces_payment_id IS NULL"),
        ),
        Index(
            "uq_payment_account_entry_is_paid_once",
            "county_code",
            "account_entry_id",
            unique=True,
            postgresql_where=text("account_entry_id IS NOT NULL AND replaces_payment_id IS NULL"),
        ),
        Index(None, "county_code", "claim_id"),
        Index(None, "county_code", "batch_id"),
        Index(
            "ix_payment_member_account",
            "county_code",
            "account_index",
            postgresql_where=text("payee_kind = 'member'"),
        ),
        Index(
            "ix_payment_planned",
            "county_code",
            "fund",
            "institution_code",
            "id",
            postgresql_where=text("state = 'planned'"),
        ),
        Index(
            "ix_payment_open",
            "county_code",
            "state",
            "id",
            postgresql_where=text("state IN ('sent', 'in_doubt', 'refused_by_bank', 'returned')"),
        ),
        {"schema": SCHEMA, "comment": "Payments: one approved amount of one fund on its way to one payee."},
    )


class PaymentEvent(HouseBase):
    __tablename__ = "payment_event"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the payment.")
    payment_id: Mapped[int] = mapped_column(BigInteger, comment="The payment.")
    event_no: Mapped[int] = mapped_column(Integer, comment="Its place in the payment's life, from 1.")
    event: Mapped[str] = mapped_column(Text, comment="What happened: rulebook.lifecycles.payment.")
    state_after: Mapped[str] = mapped_column(Text, comment="State it left the payment in.")
    batch_id: Mapped[int | None] = mapped_column(BigInteger, comment="Batch it was in afterwards.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it happened.")
    acted_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null: by rule or bank.")
    reason: Mapped[str | None] = mapped_column(Text, comment="Why, as the person or the bank said it.")
    recorded_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When it was written down.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "payment_id", "event_no"),
        {"schema": SCHEMA, "comment": "History of payments, written by the database with each move."},
    )
