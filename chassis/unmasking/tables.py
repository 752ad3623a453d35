"""The record of every unmasking, at every desk that has staff."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CHAR, BigInteger, CheckConstraint, DateTime, Identity, Index, PrimaryKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import DeskBase
from chassis.desks import DESKS

LEAST_REASON_CHARACTERS, MOST_REASON_CHARACTERS = 10, 500


class Unmasking(DeskBase):
    __tablename__ = "unmasking"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County or city of whoever looked.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the record.")
    staff_id: Mapped[int] = mapped_column(BigInteger, comment="Who looked.")
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), comment="When.")
    on: Mapped[dt.date] = mapped_column(comment="The local day it counts for: the quota is by day.")
    subject_kind: Mapped[str] = mapped_column(Text, comment="Kind of record looked at, such as member.")
    subject_county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of that record.")
    subject_id: Mapped[int] = mapped_column(BigInteger, comment="Number of that record.")
    field: Mapped[str] = mapped_column(Text, comment="What was shown in full, such as identity_number.")
    reason: Mapped[str] = mapped_column(Text, comment="Why, in the words of whoever looked.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("subject_kind ~ '^[a-z_]{1,40}$' AND field ~ '^[a-z_]{1,40}$'", name="words"),
        CheckConstraint("char_length(btrim(reason)) BETWEEN 10 AND 500", name="reason"),
        Index(None, "county_code", "staff_id", "on"),
        Index(
            "ix_unmasking_subject_county_code_subject_kind_subject_id",
            "subject_county_code",
            "subject_kind",
            "subject_id",
        ),
        {
            "comment": "Every time a sealed number was shown in full: who, when, whose, why. Never changed.",
            "info": {"desks": {desk.key for desk in DESKS.values() if desk.has_staff}},
        },
    )
