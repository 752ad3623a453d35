"""Batches and their history: made by one person, approved by another for exactly what was shown."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
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


class PaymentBatch(HouseBase):
    __tablename__ = "payment_batch"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose scheme pays.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the batch.")
    fund: Mapped[str] = mapped_column(Text, comment="The one fund it pays from.")
    payee_kind: Mapped[str] = mapped_column(Text, comment="institution or member.")
    institution_code: Mapped[str | None] = mapped_column(
        Text, comment="The one institution it pays; null: all of its kind."
    )
    payment_count: Mapped[int] = mapped_column(
        Integer, server_default=ZERO, comment="How many payments, when submitted."
    )
    total_fen: Mapped[int] = mapped_column(BigInteger, server_default=ZERO, comment="Their sum, when submitted.")
    made_by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of the maker.")
    made_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was made.")
    state: Mapped[str] = mapped_column(Text, server_default=text("'draft'"), comment="rulebook.lifecycles.batch.")
    version: Mapped[int] = mapped_column(Integer, server_default=ZERO, comment="How often it has moved.")
    last_event: Mapped[str | None] = mapped_column(Text, comment="Event of its last move; null before the first.")
    last_event_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When that happened.")
    last_event_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null: by rule or bank.")
    last_reason: Mapped[str | None] = mapped_column(Text, comment="Why, as the person or the bank said it.")
    submitted_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who submitted it.")
    submitted_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it was last submitted.")
    content_sha256: Mapped[bytes | None] = mapped_column(comment="SHA-256 of contractor.batch_content, when submitted.")
    approved_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of the checker.")
    approved_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it was approved.")
    approved_sha256: Mapped[bytes | None] = mapped_column(comment="SHA-256 of exactly what the checker was shown.")
    approval_no: Mapped[int] = mapped_column(
        Integer, server_default=ZERO, comment="How often it was approved; part of message_id."
    )
    message_id: Mapped[str | None] = mapped_column(
        Text, comment="What the bank calls its file; the same however often it must be handed over."
    )
    sending_begun_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When sending was last begun.")
    taken_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When the bank said it has the file.")
    settled_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When its last line was answered.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "message_id"),
        CheckConstraint(FUNDS, name="fund"),
        CheckConstraint(KINDS, name="payee_kind"),
        CheckConstraint("institution_code IS NULL OR payee_kind = 'institution'", name="institution_code"),
        CheckConstraint("payment_count >= 0 AND total_fen >= 0", name="totals"),
        CheckConstraint("approved_by <> made_by", name="checker_is_not_maker"),
        CheckConstraint("approved_by <> submitted_by", name="checker_is_not_submitter"),
        CheckConstraint("approved_sha256 = content_sha256", name="approved_as_submitted"),
        CheckConstraint(
            "(submitted_by IS NULL) = (submitted_at IS NULL) AND (submitted_at IS NULL) = (content_sha256 IS NULL)",
            name="submitted",
        ),
        CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL) AND (approved_at IS NULL) = (approved_sha256 IS NULL)",
            name="approved",
        ),
        CheckConstraint("(state IN ('draft', 'discarded')) = (content_sha256 IS NULL)", name="is_submitted"),
        CheckConstraint(
            "(state IN ('draft', 'discarded', 'submitted')) = (approved_sha256 IS NULL)", name="is_approved"
        ),
        CheckConstraint(
            "state NOT IN ('sending', 'in_doubt', 'sent', 'settled') OR message_id IS NOT NULL", name="named"
        ),
        CheckConstraint("message_id ~ '^[A-Z0-9]{4,35}$'", name="message_id"),
        CheckConstraint("version >= 0 AND (version = 0) = (last_event IS NULL)", name="version"),
        CheckConstraint("char_length(last_reason) <= 300", name="last_reason"),
        CheckConstraint("county_code ~ '^[0-9]{6}$'", name="county_code"),
        Index(None, "county_code", "state", "id"),
        {
            "schema": SCHEMA,
            "comment": "Batches of payments: one fund, one kind of payee; made by one person, approved by another.",
        },
    )


class BatchEvent(HouseBase):
    __tablename__ = "batch_event"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the batch.")
    batch_id: Mapped[int] = mapped_column(BigInteger, comment="The batch.")
    event_no: Mapped[int] = mapped_column(Integer, comment="Its place in the batch's life, from 1.")
    event: Mapped[str] = mapped_column(Text, comment="What happened: rulebook.lifecycles.batch.")
    state_after: Mapped[str] = mapped_column(Text, comment="State it left the batch in.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it happened.")
    acted_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null: by rule or bank.")
    reason: Mapped[str | None] = mapped_column(Text, comment="Why, as the person or the bank said it.")
    sha256: Mapped[bytes | None] = mapped_column(comment="Fingerprint of the batch as it was shown.")
    recorded_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When it was written down.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "batch_id", "event_no"),
        {"schema": SCHEMA, "comment": "History of batches, written by the database with each move."},
    )
