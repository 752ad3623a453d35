"""What belongs to a claim: the lines of its bill, what the checks found, and its events."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from contractor.claims.tables.columns import INSTANT, STATES, fen


class ClaimLine(HouseBase):
    __tablename__ = "claim_line"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    line_no: Mapped[int] = mapped_column(comment="Place on the bill, from 1.")
    item_code: Mapped[str] = mapped_column(Text, comment="Code of the item in the county's catalogue, as sent.")
    hospital_item_name: Mapped[str] = mapped_column(Text, comment="The institution's own name for it.")
    performed_on: Mapped[dt.date] = mapped_column(comment="Day it was given or done.")
    quantity_e4: Mapped[int] = mapped_column(BigInteger, comment="Quantity in ten-thousandths.")
    unit_price_e4: Mapped[int] = mapped_column(BigInteger, comment="Unit price in ten-thousandths of a yuan.")
    charged_fen: Mapped[int] = fen("Quantity times unit price, half-up to the fen.")
    catalogue_class: Mapped[int] = mapped_column(
        SmallInteger, comment="1 class A, 2 class B, 3 class C, 0 in no class, by the catalogue of that day."
    )
    price_limit_e4: Mapped[int] = mapped_column(
        BigInteger, comment="Price limit for the institution's tier on that day, in ten-thousandths; -1 for none."
    )
    reduced_fen: Mapped[int] = fen("What the reviewer took off, in fen.", default="0")
    reduce_reason: Mapped[str | None] = mapped_column(Text, comment="Why, by its code; null where nothing was.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "claim_id", "line_no"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_claim_line_county_code_claim_id",
        ),
        CheckConstraint("line_no > 0 AND quantity_e4 > 0 AND unit_price_e4 >= 0", name="numbers"),
        CheckConstraint("charged_fen = (quantity_e4 * unit_price_e4 + 500000) / 1000000", name="charged"),
        CheckConstraint("catalogue_class BETWEEN 0 AND 3 AND price_limit_e4 >= -1", name="catalogue"),
        CheckConstraint(
            "reduced_fen BETWEEN 0 AND charged_fen AND (reduced_fen = 0) = (reduce_reason IS NULL)", name="reduced"
        ),
        {"schema": "contractor", "comment": "Lines of the bills of claims."},
    )


class ClaimFinding(HouseBase):
    __tablename__ = "claim_finding"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    finding_no: Mapped[int] = mapped_column(comment="Place among the claim's findings, from 1.")
    rule: Mapped[str] = mapped_column(Text, comment="Key of the check's card in rulebook.checks, such as F17.")
    severity: Mapped[str] = mapped_column(CHAR(1), comment="C critical, H high, M medium, L low.")
    line_no: Mapped[int | None] = mapped_column(comment="Line it speaks of; null where it is the whole claim.")
    other_claim_id: Mapped[int | None] = mapped_column(BigInteger, comment="Another claim it speaks of.")
    expected: Mapped[str] = mapped_column(Text, comment="What the rule expects.")
    found: Mapped[str] = mapped_column(Text, comment="What was found instead.")
    source: Mapped[str] = mapped_column(Text, comment="Article or source of the rule.")
    found_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was found.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "claim_id", "finding_no"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_claim_finding_county_code_claim_id",
        ),
        CheckConstraint("severity IN ('C', 'H', 'M', 'L')", name="severity"),
        CheckConstraint("finding_no > 0", name="numbers"),
        Index(None, "county_code", "rule", "claim_id"),
        {"schema": "contractor", "comment": "What the checks found: leads, and not yet faults."},
    )


class ClaimEvent(HouseBase):
    __tablename__ = "claim_event"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    event_no: Mapped[int] = mapped_column(comment="Place in the claim's life, from 1; the claim's version after it.")
    event: Mapped[str] = mapped_column(Text, comment="Event by rulebook.lifecycles.claim.")
    state_after: Mapped[str] = mapped_column(Text, comment="State that followed.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When.")
    acted_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null where a rule acted.")
    reason_code: Mapped[str | None] = mapped_column(Text, comment="Why, by its code.")
    note: Mapped[str | None] = mapped_column(Text, comment="What the person wrote.")
    documents: Mapped[list[str] | None] = mapped_column(ARRAY(Text), comment="Papers that were asked for, by code.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "claim_id", "event_no"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_claim_event_county_code_claim_id",
        ),
        CheckConstraint("event_no > 0", name="numbers"),
        Index(
            "ix_claim_event_of_people",
            "county_code",
            "at",
            "acted_by",
            postgresql_where=text("acted_by IS NOT NULL"),
        ),
        CheckConstraint(f"state_after IN ({STATES})", name="state_after"),
        {"schema": "contractor", "comment": "Events in the lives of claims; replayed, they give the state."},
    )
