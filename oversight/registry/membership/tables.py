"""Enrolment by year, poor and five-guarantee status by day, deaths."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from oversight.registry import tables as _people  # noqa: F401 – maps the tables these rows point to
from oversight.registry.recorded import INSTANT, Recorded, import_key, member_key


class Enrolment(Recorded, HouseBase):
    __tablename__ = "enrolment"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the member enrols in.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Who is enrolled.")
    year: Mapped[int] = mapped_column(SmallInteger, autoincrement=False, comment="Calendar year the enrolment is for.")
    kind: Mapped[str] = mapped_column(Text, comment="scheme or supplementary.")
    household_id: Mapped[int] = mapped_column(
        BigInteger, comment="Household the member enrolled with for that year; it owns the household account."
    )
    enrolled_on: Mapped[dt.date] = mapped_column(comment="First day of that year the enrolment covers.")
    premium_fen: Mapped[int] = mapped_column(BigInteger, comment="Premium paid for the member, in fen.")
    paid_by: Mapped[str] = mapped_column(
        Text, comment="Who paid it: member, or civil_affairs for the poor and the five-guarantee."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "member_id", "year", "kind"),
        CheckConstraint("year BETWEEN 2003 AND 2100", name="year"),
        CheckConstraint("kind IN ('scheme', 'supplementary')", name="kind"),
        CheckConstraint("date_part('year', enrolled_on) = year", name="enrolled_on"),
        CheckConstraint("premium_fen >= 0", name="premium_fen"),
        CheckConstraint("paid_by IN ('member', 'civil_affairs')", name="paid_by"),
        member_key("enrolment"),
        ForeignKeyConstraint(
            ["county_code", "household_id"],
            ["registry.household.county_code", "registry.household.id"],
            name="fk_enrolment_county_code_household_id",
        ),
        import_key("enrolment"),
        Index(None, "county_code", "household_id", "year"),
        {
            "schema": "registry",
            "comment": "Which member belongs to the scheme, or to the supplementary insurance, in which year.",
        },
    )


class MemberStatus(Recorded, HouseBase):
    __tablename__ = "member_status"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the record.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Whose status.")
    status: Mapped[str] = mapped_column(Text, comment="poor or five_guarantee.")
    from_on: Mapped[dt.date] = mapped_column(comment="First day the status holds.")
    until_on: Mapped[dt.date | None] = mapped_column(comment="First day it does not hold any more; null while it does.")
    document: Mapped[str] = mapped_column(Text, comment="Number of the document that shows it.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "member_id", "from_on"),
        CheckConstraint("status IN ('poor', 'five_guarantee')", name="status"),
        CheckConstraint("until_on > from_on", name="until_on"),
        CheckConstraint("document = btrim(document) AND document <> ''", name="document"),
        ExcludeConstraint(
            (text("county_code"), "="),
            (text("member_id"), "="),
            (text("daterange(from_on, until_on)"), "&&"),
            name="ex_member_status_one_a_day",
        ),
        member_key("member_status"),
        import_key("member_status"),
        {
            "schema": "registry",
            "comment": "When a member was poor or five-guarantee, by day. Two periods of a member never overlap.",
        },
    )


class Death(Recorded, HouseBase):
    __tablename__ = "death"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Who died.")
    died_on: Mapped[dt.date] = mapped_column(comment="Day of death.")
    source: Mapped[str] = mapped_column(Text, comment="Where the county knows it from, such as a certificate's number.")
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When the report proved wrong; null while it stands."
    )
    withdrawn_by: Mapped[int | None] = mapped_column(BigInteger, comment="Who withdrew it (oversight.staff).")
    withdraw_reason: Mapped[str | None] = mapped_column(Text, comment="Why.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "member_id"),
        CheckConstraint("source = btrim(source) AND source <> ''", name="source"),
        CheckConstraint("died_on <= (recorded_at AT TIME ZONE 'Asia/Shanghai')::date", name="died_before"),
        CheckConstraint(
            "(withdrawn_by IS NULL) = (withdrawn_at IS NULL) AND (withdrawn_at IS NULL) = (withdraw_reason IS NULL)",
            name="withdrawn",
        ),
        member_key("death"),
        import_key("death"),
        {
            "schema": "registry",
            "comment": "Members who died. A report that proved wrong is withdrawn, not removed.",
        },
    )
