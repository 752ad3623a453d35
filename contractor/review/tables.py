"""What waits by the rules that found something (decision 0048), and views of the queue that people saved (0040)."""

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


class WaitingFinding(HouseBase):
    __tablename__ = "waiting_finding"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim; it waits for a person.")
    rule: Mapped[str] = mapped_column(Text, comment="Rule that found something in it.")
    due_on: Mapped[dt.date | None] = mapped_column(comment="The claim's own due_on.")
    expected_loss_fen: Mapped[int] = mapped_column(BigInteger, comment="The claim's own expected loss, in fen.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "claim_id", "rule"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_waiting_finding_county_code_claim_id",
        ),
        Index("ix_waiting_finding_by_term", "county_code", "rule", "due_on", text("(- expected_loss_fen)"), "claim_id"),
        Index("ix_waiting_finding_by_loss", "county_code", "rule", text("(- expected_loss_fen)"), "claim_id", "due_on"),
        {
            "schema": "contractor",
            "comment": "Which rules found something in the claims that wait; written by the database alone, as claims "
            "come and go.",
        },
    )


class ReviewView(HouseBase):
    __tablename__ = "review_view"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the queue.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the view.")
    staff_id: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of whose view it is.")
    name: Mapped[str] = mapped_column(Text, comment="What its owner calls it.")
    query: Mapped[str] = mapped_column(Text, comment="Its filters as they stand in the address.")
    made_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was last saved.")
    removed_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When its owner removed it; null while it stands."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("name = btrim(name) AND char_length(name) BETWEEN 1 AND 20", name="name"),
        CheckConstraint("char_length(query) <= 500", name="query"),
        Index(
            "uq_review_view_name",
            "county_code",
            "staff_id",
            "name",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
        {"schema": "contractor", "comment": "Views of the reviewers' queue that people saved under a name."},
    )
