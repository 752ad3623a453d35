"""Drafts of reviewers, and what stays of one diagnosis category cost (decision 0042)."""

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
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)


class ReviewDraft(HouseBase):
    __tablename__ = "review_draft"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    staff_id: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id; nobody else reads it.")
    claim_version: Mapped[int] = mapped_column(comment="Version of the claim that the reviewer had before them.")
    reductions: Mapped[list[list[Any]]] = mapped_column(
        JSONB,
        server_default=text("'[]'::jsonb"),
        comment="Lines that shall be reduced to something else: number, amount in fen, reason by its code.",
    )
    note: Mapped[str] = mapped_column(Text, server_default=text("''"), comment="What the reviewer has written so far.")
    saved_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was last saved.")
    discarded_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When the reviewer threw it away or decided; null while it stands."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "claim_id", "staff_id"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_review_draft_county_code_claim_id",
        ),
        CheckConstraint("claim_version >= 0 AND char_length(note) <= 300", name="numbers"),
        CheckConstraint("jsonb_typeof(reductions) = 'array'", name="reductions"),
        CheckConstraint(
            "discarded_at IS NULL OR (note = '' AND jsonb_array_length(reductions) = 0)", name="discarded_is_empty"
        ),
        {"schema": "contractor", "comment": "What reviewers have begun to decide and not yet committed."},
    )


class PeerCost(HouseBase):
    __tablename__ = "peer_cost"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the stays were claimed in.")
    category: Mapped[str] = mapped_column(Text, comment="Category of the main diagnosis, as the checks form it.")
    tier: Mapped[int] = mapped_column(
        SmallInteger, comment="Tier of the institution: 1 township, 2 county, 3 above the county."
    )
    stay_count: Mapped[int] = mapped_column(comment="Stays of the last twelve months that were measured; 0 for none.")
    percentiles_fen: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), comment="What they cost, in fen: the first to the ninety-ninth percentile."
    )
    measured_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When they were last measured.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "category", "tier"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("tier BETWEEN 1 AND 3", name="tier"),
        CheckConstraint("stay_count >= 0 AND cardinality(percentiles_fen) = 99", name="numbers"),
        {
            "schema": "contractor",
            "comment": "What stays of one diagnosis category at one tier cost; measured anew every night.",
        },
    )
