"""The bank's files, to and fro, and their lines, as they were."""

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
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from contractor.payments.tables.columns import INSTANT, SCHEMA


class BankMessage(HouseBase):
    __tablename__ = "bank_message"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose account it is about.")
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), comment="Number of the message; its content is sealed for it."
    )
    direction: Mapped[str] = mapped_column(Text, comment="out: to the bank; in: from it.")
    kind: Mapped[str] = mapped_column(
        Text, comment="out: pain001 or csv; in: pain002, camt053, answer_csv or taken (the bank's receipt)."
    )
    message_id: Mapped[str] = mapped_column(Text, comment="The message's own name.")
    sha256: Mapped[bytes] = mapped_column(comment="SHA-256 of the message as it was written or received.")
    content: Mapped[bytes] = mapped_column(comment="The message itself, sealed: it holds names and accounts.")
    line_count: Mapped[int] = mapped_column(Integer, comment="Its control count.")
    total_fen: Mapped[int] = mapped_column(BigInteger, comment="Its control sum.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was written or read.")
    batch_id: Mapped[int | None] = mapped_column(BigInteger, comment="Batch it is about; null: several or none.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "direction", "message_id"),
        CheckConstraint("direction IN ('out', 'in')", name="direction"),
        CheckConstraint(
            "kind IN ('pain001', 'csv') AND direction = 'out' "
            "OR kind IN ('pain002', 'camt053', 'answer_csv', 'taken') AND direction = 'in'",
            name="kind",
        ),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint("char_length(message_id) BETWEEN 1 AND 35", name="message_id"),
        CheckConstraint("line_count >= 0 AND total_fen >= 0", name="controls"),
        ForeignKeyConstraint(
            ["county_code", "batch_id"], ["contractor.payment_batch.county_code", "contractor.payment_batch.id"]
        ),
        Index(None, "county_code", "batch_id"),
        Index(None, "county_code", "sha256"),
        {"schema": SCHEMA, "comment": "Files to and from the bank, each kept as it was."},
    )


class BankLine(HouseBase):
    __tablename__ = "bank_line"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose account it is about.")
    message_id: Mapped[int] = mapped_column(BigInteger, comment="bank_message.id of the message it stands in.")
    line_no: Mapped[int] = mapped_column(Integer, comment="Its place in the message, from 1.")
    says: Mapped[str] = mapped_column(
        Text, comment="ordered (by us), or paid, refused, pending, returned (by the bank)."
    )
    end_to_end_id: Mapped[str] = mapped_column(Text, comment="Payment it names.")
    amount_fen: Mapped[int] = mapped_column(BigInteger, comment="Amount it names.")
    booked_on: Mapped[dt.date | None] = mapped_column(comment="Day the bank booked it; null where it says none.")
    reason: Mapped[str | None] = mapped_column(Text, comment="The bank's reason for a refusal or return.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "message_id", "line_no"),
        CheckConstraint("says IN ('ordered', 'paid', 'refused', 'pending', 'returned')", name="says"),
        CheckConstraint("amount_fen > 0 AND line_no > 0", name="amount_fen"),
        CheckConstraint("char_length(reason) <= 140", name="reason"),
        ForeignKeyConstraint(
            ["county_code", "message_id"], ["contractor.bank_message.county_code", "contractor.bank_message.id"]
        ),
        Index(None, "county_code", "end_to_end_id"),
        {
            "schema": SCHEMA,
            "comment": "Lines of the bank's files: what was ordered and what the bank says became of it.",
        },
    )
