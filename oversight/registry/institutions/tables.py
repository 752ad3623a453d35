"""Institutions, agreements, referrals."""

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
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from oversight.registry import tables as _people  # noqa: F401 – maps the tables these rows point to
from oversight.registry.recorded import Recorded, import_key, member_key


class Institution(Recorded, HouseBase):
    __tablename__ = "institution"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose members it treats under an agreement.")
    institution_code: Mapped[str] = mapped_column(Text, comment="The institution's code; text, with its leading zeros.")
    name_zh: Mapped[str] = mapped_column(Text, comment="Name in Chinese, as on its licence.")
    name_en: Mapped[str] = mapped_column(Text, comment="Name in English.")
    name_pinyin: Mapped[str] = mapped_column(Text, comment="Name in pinyin, for sorting.")
    tier: Mapped[int] = mapped_column(SmallInteger, comment="1 township, 2 county, 3 above the county.")
    township_code: Mapped[str | None] = mapped_column(
        CHAR(9), comment="Township it lies in; null where it lies outside the county or serves all of it."
    )
    beds: Mapped[int] = mapped_column(Integer, comment="Registered beds; 0 where it takes no inpatients.")
    account_name: Mapped[str | None] = mapped_column(
        Text, comment="Holder of the account that compensation is paid to; null until one was given."
    )
    bank_account_sealed: Mapped[bytes | None] = mapped_column(
        comment="That account, sealed by the application for this row; null until one was given."
    )
    bank_account_index: Mapped[bytes | None] = mapped_column(comment="Blind index of that account.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "institution_code"),
        CheckConstraint("institution_code ~ '^[0-9A-Z]{4,20}$'", name="institution_code"),
        CheckConstraint("name_zh = btrim(name_zh) AND name_zh <> ''", name="name"),
        CheckConstraint("tier IN (1, 2, 3)", name="tier"),
        CheckConstraint("beds >= 0", name="beds"),
        CheckConstraint(
            "octet_length(bank_account_sealed) > 34 AND octet_length(bank_account_index) = 32",
            name="bank_account_is_sealed",
        ),
        CheckConstraint(
            "(bank_account_sealed IS NULL) = (bank_account_index IS NULL) "
            "AND (bank_account_sealed IS NULL) = (account_name IS NULL)",
            name="bank_account_has_index",
        ),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        ForeignKeyConstraint(
            ["county_code", "township_code"],
            ["registry.township.county_code", "registry.township.code"],
            name="fk_institution_county_code_township_code",
        ),
        import_key("institution"),
        {
            "schema": "registry",
            "comment": (
                "Clinics, health centres and hospitals. Designated is one with an agreement in force on the day."
            ),
        },
    )


class Agreement(Recorded, HouseBase):
    __tablename__ = "agreement"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County that made the agreement.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the record.")
    institution_code: Mapped[str] = mapped_column(Text, comment="Institution it was made with.")
    from_on: Mapped[dt.date] = mapped_column(comment="First day it is in force.")
    until_on: Mapped[dt.date | None] = mapped_column(
        comment="First day it is not in force any more; null while no end is set."
    )
    document: Mapped[str] = mapped_column(Text, comment="Number of the agreement.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "institution_code", "from_on"),
        CheckConstraint("until_on > from_on", name="until_on"),
        CheckConstraint("document = btrim(document) AND document <> ''", name="document"),
        ExcludeConstraint(
            (text("county_code"), "="),
            (text("institution_code"), "="),
            (text("daterange(from_on, until_on)"), "&&"),
            name="ex_agreement_one_a_day",
        ),
        ForeignKeyConstraint(
            ["county_code", "institution_code"],
            ["registry.institution.county_code", "registry.institution.institution_code"],
            name="fk_agreement_county_code_institution_code",
        ),
        import_key("agreement"),
        {
            "schema": "registry",
            "comment": "When an institution was designated. Two agreements of an institution never overlap.",
        },
    )


class Referral(Recorded, HouseBase):
    __tablename__ = "referral"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the record.")
    slip_number: Mapped[str] = mapped_column(Text, comment="Number on the slip, unique in the county.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Who is referred.")
    from_institution_code: Mapped[str] = mapped_column(Text, comment="Institution that refers.")
    to_institution_code: Mapped[str] = mapped_column(Text, comment="Institution it refers to.")
    reason: Mapped[str] = mapped_column(Text, comment="Why, as on the slip.")
    valid_from_on: Mapped[dt.date] = mapped_column(comment="First day the slip is good.")
    valid_until_on: Mapped[dt.date] = mapped_column(comment="First day it is not good any more.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "slip_number"),
        CheckConstraint("slip_number ~ '^[0-9A-Za-z-]{1,40}$'", name="slip_number"),
        CheckConstraint("reason = btrim(reason) AND reason <> ''", name="reason"),
        CheckConstraint("valid_until_on > valid_from_on", name="valid_until_on"),
        CheckConstraint("from_institution_code <> to_institution_code", name="elsewhere"),
        member_key("referral"),
        ForeignKeyConstraint(
            ["county_code", "from_institution_code"],
            ["registry.institution.county_code", "registry.institution.institution_code"],
            name="fk_referral_from",
        ),
        ForeignKeyConstraint(
            ["county_code", "to_institution_code"],
            ["registry.institution.county_code", "registry.institution.institution_code"],
            name="fk_referral_to",
        ),
        import_key("referral"),
        Index(None, "county_code", "member_id"),
        Index(None, "county_code", "valid_from_on"),
        Index(None, "county_code", "from_institution_code"),
        Index(None, "county_code", "to_institution_code"),
        {"schema": "registry", "comment": "Slips that send a member from one institution to another."},
    )
