"""What needs a person, what was compared, and on which of the server's timelines batches may leave."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from contractor.payments.tables.columns import INSTANT, NOW, SCHEMA


class PaymentException(HouseBase):
    __tablename__ = "payment_exception"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose money it is.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the exception.")
    kind: Mapped[str] = mapped_column(Text, comment="What is wrong: one of contractor.payments.exceptions.")
    subject: Mapped[str] = mapped_column(Text, comment="What it is about, so that it is noted once while it is open.")
    batch_id: Mapped[int | None] = mapped_column(BigInteger, comment="Batch it concerns; null: none known.")
    payment_id: Mapped[int | None] = mapped_column(BigInteger, comment="Payment it concerns; null: none known.")
    bank_message_id: Mapped[int | None] = mapped_column(BigInteger, comment="bank_message.id that showed it.")
    expected: Mapped[str] = mapped_column(Text, comment="What should have been, in fen or a state.")
    found: Mapped[str] = mapped_column(Text, comment="What was found, in fen or a state.")
    noticed_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was noticed.")
    resolved_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When a person closed it; null: open.")
    resolved_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who closed it.")
    resolution: Mapped[str | None] = mapped_column(Text, comment="What they found and did.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("kind ~ '^[a-z][a-z_]{2,39}$'", name="kind"),
        CheckConstraint("char_length(subject) BETWEEN 1 AND 120", name="subject"),
        CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL) AND (resolved_by IS NULL) = (resolution IS NULL)",
            name="resolved",
        ),
        CheckConstraint("char_length(btrim(resolution)) BETWEEN 4 AND 300", name="resolution"),
        ForeignKeyConstraint(
            ["county_code", "payment_id"], ["contractor.payment.county_code", "contractor.payment.id"]
        ),
        ForeignKeyConstraint(
            ["county_code", "batch_id"], ["contractor.payment_batch.county_code", "contractor.payment_batch.id"]
        ),
        Index(
            "uq_payment_exception_open",
            "county_code",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
        {"schema": SCHEMA, "comment": "What needs a person: answers that fit nothing, money that did not arrive."},
    )


class ParityCheck(HouseBase):
    __tablename__ = "parity_check"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County that was checked.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the check.")
    checked_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was done.")
    settlement_count: Mapped[int] = mapped_column(BigInteger, comment="Settlements and account entries compared.")
    payment_count: Mapped[int] = mapped_column(BigInteger, comment="Payments compared.")
    leg_count: Mapped[int] = mapped_column(BigInteger, comment="Legs of the ledger compared.")
    bank_line_count: Mapped[int] = mapped_column(BigInteger, comment="Lines of the bank's files compared.")
    discrepancy_count: Mapped[int] = mapped_column(BigInteger, comment="How many did not agree; each is an exception.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("discrepancy_count >= 0", name="discrepancy_count"),
        CheckConstraint("county_code ~ '^[0-9]{6}$'", name="county_code"),
        {"schema": SCHEMA, "comment": "Each night's comparison of claims, payments, ledger and bank."},
    )


class SendingPermit(HouseBase):
    __tablename__ = "sending_permit"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose batches may leave.")
    timeline: Mapped[int] = mapped_column(
        Integer, autoincrement=False, comment="The server's timeline: it grows whenever a backup was restored."
    )
    permitted_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="contractor.staff.id of who compared with the bank; null: the first, with the books."
    )
    permitted_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When it was given.")
    reason: Mapped[str | None] = mapped_column(Text, comment="What the person compared; null for the first.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "timeline"),
        CheckConstraint("(permitted_by IS NULL) = (reason IS NULL)", name="reason"),
        CheckConstraint("char_length(btrim(reason)) BETWEEN 4 AND 300", name="reason_length"),
        {
            "schema": SCHEMA,
            "comment": "Timelines of the server on which batches may leave: a restored house waits for a person.",
        },
    )
