"""Documents of claims and their withdrawals (decision 0041)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)


class ClaimDocument(HouseBase):
    __tablename__ = "claim_document"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the document.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    paper: Mapped[str] = mapped_column(Text, comment="What paper it is: a code of rulebook.reasons.PAPERS.")
    file_name: Mapped[str] = mapped_column(Text, comment="Name the sender gave it, without its folders.")
    media_type: Mapped[str] = mapped_column(Text, comment="What it is by its content.")
    came_sha256: Mapped[bytes] = mapped_column(LargeBinary, comment="SHA-256 of the bytes that came.")
    came_bytes: Mapped[int] = mapped_column(BigInteger, comment="Size of what came.")
    shown_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of the pictures that are shown, one after the other."
    )
    shown_bytes: Mapped[int] = mapped_column(BigInteger, comment="Size of all pictures together.")
    page_count: Mapped[int] = mapped_column(comment="How many pages it has.")
    pages: Mapped[list[Any]] = mapped_column(
        JSONB, comment="Of each page: width and height in pixels, size of its picture in bytes."
    )
    left_out: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'::text[]"), comment="What came and is not shown: script, files, launch."
    )
    stored_as: Mapped[str] = mapped_column(
        Text, comment="Name of its sealed files below the data folder; ours, not the sender's."
    )
    added_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was added.")
    added_by: Mapped[int] = mapped_column(
        BigInteger, comment="contractor.staff.id of who added it, or whose token did."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_claim_document_county_code_claim_id",
        ),
        UniqueConstraint("stored_as"),
        CheckConstraint("media_type IN ('application/pdf', 'image/jpeg', 'image/png')", name="media_type"),
        CheckConstraint("octet_length(came_sha256) = 32 AND octet_length(shown_sha256) = 32", name="hashes"),
        CheckConstraint("came_bytes > 0 AND shown_bytes > 0 AND page_count > 0", name="sizes"),
        CheckConstraint("jsonb_array_length(pages) = page_count", name="pages"),
        CheckConstraint("char_length(file_name) BETWEEN 1 AND 120 AND paper <> ''", name="names"),
        Index(None, "county_code", "claim_id"),
        Index(None, "county_code", "came_sha256"),
        {
            "schema": "contractor",
            "comment": "Papers of claims as pictures of their pages; what came is kept beside, sealed.",
        },
    )


class DocumentWithdrawal(HouseBase):
    __tablename__ = "claim_document_withdrawal"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the document.")
    document_id: Mapped[int] = mapped_column(BigInteger, comment="The document.")
    reason: Mapped[str] = mapped_column(Text, comment="Why, in the words of who took it back.")
    withdrawn_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was taken back.")
    withdrawn_by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of who took it back.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "document_id"),
        ForeignKeyConstraint(
            ["county_code", "document_id"],
            ["contractor.claim_document.county_code", "contractor.claim_document.id"],
            name="fk_claim_document_withdrawal_county_code_document_id",
        ),
        CheckConstraint("char_length(reason) BETWEEN 2 AND 300", name="reason"),
        {
            "schema": "contractor",
            "comment": "Documents that were taken back, with the reason; the document stays.",
        },
    )
