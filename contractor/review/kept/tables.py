"""Drafts of reviewers (decision 0042)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
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
    verdicts: Mapped[dict[str, str]] = mapped_column(
        JSONB,
        server_default=text("'{}'"),
        comment="What the reviewer says of findings, by their number: confirmed, false_alarm or unclear.",
    )
    note: Mapped[str] = mapped_column(Text, server_default=text("''"), comment="What the reviewer has written so far.")
    saved_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was last saved.")
    saved_from: Mapped[str] = mapped_column(
        Text,
        server_default=text("''"),
        comment="Window it was last saved from; another one that has not seen it does not write over it.",
    )
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
        CheckConstraint("jsonb_typeof(verdicts) = 'object'", name="verdicts"),
        CheckConstraint(
            "discarded_at IS NULL OR (note = '' AND jsonb_array_length(reductions) = 0 AND verdicts = '{}')",
            name="discarded_is_empty",
        ),
        {"schema": "contractor", "comment": "What reviewers have begun to decide and not yet committed."},
    )
