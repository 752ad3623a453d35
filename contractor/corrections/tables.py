"""Corrections of decided claims with what each changes, and appeals."""

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
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)
ZERO = text("0")


def _number(comment: str, *, default: bool = False):
    return mapped_column(BigInteger, server_default=ZERO if default else None, comment=comment)


class Correction(HouseBase):
    __tablename__ = "correction"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claims.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the correction.")
    kind: Mapped[str] = mapped_column(Text, comment="reversal, reprice or readjudication.")
    reason_code: Mapped[str] = mapped_column(Text, comment="Why, by its code.")
    note: Mapped[str] = mapped_column(Text, comment="What was wrong, in words.")
    subject: Mapped[str] = mapped_column(Text, comment="What is corrected: a schedule's hash, an item's code, a claim.")
    content_sha256: Mapped[bytes] = mapped_column(BYTEA, comment="SHA-256 of the preview that is decided on.")
    claim_count: Mapped[int] = mapped_column(comment="How many claims it concerns.")
    before_fen: Mapped[int] = _number("What their decisions give now, in fen.")
    after_fen: Mapped[int] = _number("What they give afterwards, in fen.")
    follows_settlement_id: Mapped[int] = _number(
        "Reversal that re-opened these claims; 0 where a person began.", default=True
    )
    proposed_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was proposed.")
    proposed_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null for the system.")
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it took effect.")
    confirmed_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of another person.")
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it was given up instead.")
    withdrawn_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who gave it up.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("kind IN ('reversal', 'reprice', 'readjudication')", name="kind"),
        CheckConstraint("(kind = 'readjudication') = (proposed_by IS NULL)", name="proposed"),
        CheckConstraint("(kind = 'readjudication') = (follows_settlement_id <> 0)", name="follows"),
        CheckConstraint("confirmed_by <> proposed_by", name="two_people"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
        CheckConstraint("confirmed_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        CheckConstraint("octet_length(content_sha256) = 32 AND claim_count > 0", name="content"),
        Index(
            "ix_correction_open",
            "county_code",
            "id",
            postgresql_where=text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
        ),
        {"schema": "contractor", "comment": "Corrections of decided claims: proposed by one, confirmed by another."},
    )


class CorrectionLine(HouseBase):
    __tablename__ = "correction_line"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    correction_id: Mapped[int] = _number("The correction.")
    place: Mapped[int] = mapped_column(comment="Its place in the order in which the claims are settled anew, from 1.")
    claim_id: Mapped[int] = _number("The claim.")
    claim_version: Mapped[int] = mapped_column(comment="Version of the claim that was looked at.")
    is_cause: Mapped[bool] = mapped_column(comment="Whether it was itself wrong; else it follows in the year's order.")
    settlement_id: Mapped[int] = _number("Settlement that is taken back; 0 for a visit.", default=True)
    account_entry_id: Mapped[int] = _number("Account entry that is taken back; 0 for a stay.", default=True)
    before_fen: Mapped[int] = _number("What it gives now, in fen.")
    after_fen: Mapped[int] = _number("What it gives afterwards, in fen; 0 for a reversal.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "correction_id", "place"),
        ForeignKeyConstraint(
            ["county_code", "correction_id"], ["contractor.correction.county_code", "contractor.correction.id"]
        ),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_correction_line_county_code_claim_id",
        ),
        CheckConstraint("place > 0 AND before_fen >= 0 AND after_fen >= 0", name="numbers"),
        CheckConstraint("(settlement_id = 0) <> (account_entry_id = 0)", name="takes_back_one_thing"),
        Index(None, "county_code", "claim_id"),
        {"schema": "contractor", "comment": "The claims of a correction, each with its amount before and after."},
    )


class LineCorrection(HouseBase):
    __tablename__ = "line_correction"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    correction_id: Mapped[int] = _number("Correction that changed the line.")
    claim_id: Mapped[int] = _number("The claim.")
    line_no: Mapped[int] = mapped_column(comment="The line of its bill.")
    old_class: Mapped[int] = mapped_column(SmallInteger, comment="Catalogue class before.")
    new_class: Mapped[int] = mapped_column(SmallInteger, comment="Catalogue class afterwards.")
    old_limit_e4: Mapped[int] = _number("Price limit before, in ten-thousandths; -1 for none.")
    new_limit_e4: Mapped[int] = _number("Price limit afterwards, in ten-thousandths; -1 for none.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "correction_id", "claim_id", "line_no"),
        ForeignKeyConstraint(
            ["county_code", "correction_id"], ["contractor.correction.county_code", "contractor.correction.id"]
        ),
        ForeignKeyConstraint(
            ["county_code", "claim_id", "line_no"],
            [
                "contractor.claim_line.county_code",
                "contractor.claim_line.claim_id",
                "contractor.claim_line.line_no",
            ],
            name="fk_line_correction_line",
        ),
        CheckConstraint("(old_class, old_limit_e4) <> (new_class, new_limit_e4)", name="changes_something"),
        Index(None, "county_code", "claim_id"),
        {"schema": "contractor", "comment": "What the catalogue said of a line before a correction, and after it."},
    )


class Appeal(HouseBase):
    __tablename__ = "appeal"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the appeal.")
    claim_id: Mapped[int] = _number("The claim.")
    appealed_event_no: Mapped[int] = mapped_column(comment="The event of the claim it is against.")
    first_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of that event; null: a rule.")
    filed_by: Mapped[str] = mapped_column(Text, comment="member, institution or county.")
    filer_name: Mapped[str] = mapped_column(Text, comment="Who signed it.")
    paper: Mapped[str] = mapped_column(Text, comment="The paper it was filed with: its kind and number.")
    statement: Mapped[str] = mapped_column(Text, comment="What it says, in short.")
    filed_on: Mapped[dt.date] = mapped_column(comment="Day on the paper.")
    due_on: Mapped[dt.date] = mapped_column(comment="Last day of the term to decide on it.")
    recorded_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was entered.")
    recorded_by: Mapped[int] = _number("contractor.staff.id of who entered it.")
    outcome: Mapped[str | None] = mapped_column(Text, comment="upheld or dismissed; null while it waits.")
    answer: Mapped[str | None] = mapped_column(Text, comment="What the filer is told.")
    decided_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it was decided.")
    decided_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id: not who decided first.")
    file_by_on: Mapped[dt.date | None] = mapped_column(
        comment="Last day of the term to file it; null: entered before the term was kept."
    )
    late_reason: Mapped[str | None] = mapped_column(
        Text, comment="Why the lead took it after its term; null where it came in time."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_appeal_county_code_claim_id",
        ),
        CheckConstraint("filed_by IN ('member', 'institution', 'county')", name="filed_by"),
        CheckConstraint("outcome IN ('upheld', 'dismissed')", name="outcome"),
        CheckConstraint("num_nonnulls(outcome, answer, decided_at, decided_by) IN (0, 4)", name="decided_whole"),
        CheckConstraint(
            "(late_reason IS NOT NULL) = coalesce(filed_on > file_by_on, false) "
            "AND char_length(btrim(late_reason)) BETWEEN 2 AND 300",
            name="late",
        ),
        CheckConstraint("decided_by <> first_by AND decided_by <> recorded_by", name="decided_by_another"),
        Index(
            "uq_appeal_one_open",
            "county_code",
            "claim_id",
            unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
        Index(None, "county_code", "claim_id", "id"),
        {"schema": "contractor", "comment": "Appeals against decisions on claims, and what was answered."},
    )


class AppealDocument(HouseBase):
    __tablename__ = "appeal_document"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of both.")
    appeal_id: Mapped[int] = _number("The appeal.")
    document_id: Mapped[int] = _number("The document of the same claim.")
    added_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was put to the appeal.")
    added_by: Mapped[int] = _number("contractor.staff.id of who put it there.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "appeal_id", "document_id"),
        ForeignKeyConstraint(
            ["county_code", "appeal_id"],
            ["contractor.appeal.county_code", "contractor.appeal.id"],
            name="fk_appeal_document_county_code_appeal_id",
        ),
        ForeignKeyConstraint(
            ["county_code", "document_id"],
            ["contractor.claim_document.county_code", "contractor.claim_document.id"],
            name="fk_appeal_document_county_code_document_id",
        ),
        {
            "schema": "contractor",
            "comment": "The papers of an appeal: documents of its claim, kept, sealed and shown like all of them.",
        },
    )
