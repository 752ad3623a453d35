"""The approvals of a county's committee, each with the schedule it puts in force (decision 0026)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)


class ScheduleApproval(HouseBase):
    __tablename__ = "schedule_approval"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the schedule is for.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the approval.")
    scheme_key: Mapped[str] = mapped_column(
        Text, comment="Name of the scheme, which is the name of its folder in rulebook/schedules."
    )
    content_hash: Mapped[str] = mapped_column(
        Text, comment="SHA-256 of the canonical text in hexadecimal: what the schedule is known by."
    )
    canonical: Mapped[str] = mapped_column(
        Text,
        comment="The schedule itself in canonical form (decision 0022), kept for as long as a claim refers to it.",
    )
    in_force_from: Mapped[dt.date] = mapped_column(comment="First day it is in force.")
    in_force_until: Mapped[dt.date | None] = mapped_column(
        comment="First day it is not in force any more, as the committee set it; null while it set none."
    )
    replaces_id: Mapped[int | None] = mapped_column(
        BigInteger,
        comment="Approval in force on in_force_from, whose place this one takes; null where there is none.",
    )
    replaced_on: Mapped[dt.date | None] = mapped_column(
        comment="First day on which another approval has taken this one's place; null while none has."
    )
    replaced_by_id: Mapped[int | None] = mapped_column(BigInteger, comment="That approval.")
    committee: Mapped[str] = mapped_column(Text, comment="Name of the committee that approved it.")
    approved_on: Mapped[dt.date] = mapped_column(comment="Day of the committee's decision.")
    document: Mapped[str] = mapped_column(Text, comment="Number of the committee's document.")
    document_sha256: Mapped[str | None] = mapped_column(
        Text, comment="SHA-256 of the document's file; null where it exists on paper alone."
    )
    proposed_by: Mapped[int] = mapped_column(BigInteger, comment="oversight.staff.id of who entered the decision.")
    proposed_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was entered.")
    confirmed_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="oversight.staff.id of the second person, who compared it with the document."
    )
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When it was confirmed; null while it waits."
    )
    confirmed_sha256: Mapped[bytes | None] = mapped_column(
        comment="SHA-256 of exactly what the second person was shown."
    )
    withdrawn_by: Mapped[int | None] = mapped_column(BigInteger, comment="oversight.staff.id of who took it back.")
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When it was taken back, before it was in force."
    )
    withdraw_reason: Mapped[str | None] = mapped_column(Text, comment="Why it was taken back.")
    corrects_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="Approval that was wrong and whose days this one takes; null where it corrects none."
    )
    correction_reason: Mapped[str | None] = mapped_column(Text, comment="What was wrong with that one, in words.")
    corrected_by_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="Approval that has taken all days of this one, because it was wrong."
    )
    corrected_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When it did; from then on this one is in force on no day."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        ForeignKeyConstraint(
            ["county_code", "replaces_id"],
            ["registry.schedule_approval.county_code", "registry.schedule_approval.id"],
            name="fk_schedule_approval_replaces_id",
        ),
        ForeignKeyConstraint(
            ["county_code", "replaced_by_id"],
            ["registry.schedule_approval.county_code", "registry.schedule_approval.id"],
            name="fk_schedule_approval_replaced_by_id",
        ),
        ForeignKeyConstraint(
            ["county_code", "corrects_id"],
            ["registry.schedule_approval.county_code", "registry.schedule_approval.id"],
            name="fk_schedule_approval_corrects_id",
        ),
        ForeignKeyConstraint(
            ["county_code", "corrected_by_id"],
            ["registry.schedule_approval.county_code", "registry.schedule_approval.id"],
            name="fk_schedule_approval_corrected_by_id",
        ),
        CheckConstraint("scheme_key ~ '^[a-z][a-z0-9_]{0,59}$'", name="scheme_key"),
        CheckConstraint(
            "content_hash = encode(sha256(convert_to(canonical, 'UTF8')), 'hex')",
            name="content_hash",
        ),
        CheckConstraint("document_sha256 ~ '^[0-9a-f]{64}$'", name="document_sha256"),
        CheckConstraint(
            "char_length(btrim(committee)) BETWEEN 2 AND 80 AND char_length(btrim(document)) BETWEEN 2 AND 80",
            name="words",
        ),
        CheckConstraint("in_force_until > in_force_from", name="until"),
        CheckConstraint(
            "replaced_on > in_force_from AND (in_force_until IS NULL OR replaced_on < in_force_until)",
            name="replaced",
        ),
        CheckConstraint("(replaced_on IS NULL) = (replaced_by_id IS NULL)", name="replaced_by"),
        CheckConstraint("approved_on <= (proposed_at AT TIME ZONE 'Asia/Shanghai')::date", name="approved_before"),
        CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_at IS NULL) = (confirmed_sha256 IS NULL)",
            name="confirmed",
        ),
        CheckConstraint("octet_length(confirmed_sha256) = 32", name="confirmed_sha256"),
        CheckConstraint("confirmed_by <> proposed_by", name="second_person"),
        CheckConstraint(
            "(withdrawn_by IS NULL) = (withdrawn_at IS NULL) AND (withdrawn_at IS NULL) = (withdraw_reason IS NULL)",
            name="withdrawn",
        ),
        CheckConstraint(
            "confirmed_at IS NULL OR (withdrawn_at AT TIME ZONE 'Asia/Shanghai')::date < in_force_from",
            name="withdrawn_before",
        ),
        CheckConstraint(
            "(corrects_id IS NULL) = (correction_reason IS NULL) AND (corrects_id IS NULL OR replaces_id IS NULL) "
            "AND char_length(btrim(correction_reason)) BETWEEN 2 AND 300",
            name="correction",
        ),
        CheckConstraint(
            "(corrected_by_id IS NULL) = (corrected_at IS NULL) AND (corrected_at IS NULL OR confirmed_at IS NOT NULL)",
            name="corrected",
        ),
        ExcludeConstraint(
            (text("county_code"), "="),
            (text("daterange(in_force_from, LEAST(in_force_until, replaced_on))"), "&&"),
            where=text("confirmed_at IS NOT NULL AND withdrawn_at IS NULL AND corrected_at IS NULL"),
            name="ex_schedule_approval_one_law_a_day",
        ),
        {
            "schema": "registry",
            "comment": (
                "A county's committee has approved a schedule: which one, from when, by which document. Proposed by "
                "one person of the county, confirmed by another; what was proposed is never changed."
            ),
        },
    )
