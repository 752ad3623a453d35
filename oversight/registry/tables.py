"""The registry's minimum: where people live, with whom they enrol, and who they are (decision 0017)."""

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
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from oversight.registry.imports import tables as _imports  # noqa: F401 – maps the table that import_id names
from oversight.registry.recorded import import_key

INSTANT = DateTime(timezone=True)


class Division(HouseBase):
    __tablename__ = "division"

    county_code: Mapped[str] = mapped_column(
        CHAR(6),
        comment="The division's own six-digit code (GB/T 2260); a city's people work under the city's code.",
    )
    level: Mapped[str] = mapped_column(Text, comment="county or city.")
    city_code: Mapped[str] = mapped_column(CHAR(6), comment="The city above; a city names itself.")
    name_zh: Mapped[str] = mapped_column(Text, comment="Name in Chinese, as on its seal.")
    name_en: Mapped[str] = mapped_column(Text, comment="Name in English.")
    name_pinyin: Mapped[str] = mapped_column(Text, comment="Name in pinyin, for sorting.")
    complaint_phone: Mapped[str | None] = mapped_column(
        Text, comment="The published telephone for complaints; null until the division has published one."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code"),
        CheckConstraint("county_code ~ '^[0-9]{6}$'", name="county_code"),
        CheckConstraint("level IN ('county', 'city')", name="level"),
        CheckConstraint("(level = 'city') = (city_code = county_code)", name="city_names_itself"),
        ForeignKeyConstraint(["city_code"], ["registry.division.county_code"]),
        Index(None, "city_code"),
        {"schema": "registry", "comment": "Counties and cities of this house."},
    )


class Township(HouseBase):
    __tablename__ = "township"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the township lies in.")
    code: Mapped[str] = mapped_column(
        CHAR(9), comment="Nine digits: the county's six and three of its own (GB/T 10114)."
    )
    name_zh: Mapped[str] = mapped_column(Text, comment="Name in Chinese.")
    name_en: Mapped[str] = mapped_column(Text, comment="Name in English.")
    name_pinyin: Mapped[str] = mapped_column(Text, comment="Name in pinyin, for sorting.")
    office_phone: Mapped[str | None] = mapped_column(
        Text, comment="Telephone of the township office that members go to; null when it has none."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "code"),
        CheckConstraint("code ~ '^[0-9]{9}$' AND left(code, 6) = county_code", name="code"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        {"schema": "registry", "comment": "Townships of a county."},
    )


class Village(HouseBase):
    __tablename__ = "village"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the village lies in.")
    code: Mapped[str] = mapped_column(CHAR(12), comment="Twelve digits: the township's nine and three of its own.")
    township_code: Mapped[str] = mapped_column(CHAR(9), comment="Township the village lies in.")
    name_zh: Mapped[str] = mapped_column(Text, comment="Name in Chinese.")
    name_en: Mapped[str] = mapped_column(Text, comment="Name in English.")
    name_pinyin: Mapped[str] = mapped_column(Text, comment="Name in pinyin, for sorting.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "code"),
        CheckConstraint("code ~ '^[0-9]{12}$' AND left(code, 9) = township_code", name="code"),
        ForeignKeyConstraint(
            ["county_code", "township_code"],
            ["registry.township.county_code", "registry.township.code"],
            name="fk_village_county_code_township_code",
        ),
        Index(None, "county_code", "township_code"),
        {"schema": "registry", "comment": "Villages of a township."},
    )


class Household(HouseBase):
    __tablename__ = "household"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the household enrols in.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the record; it means nothing to people.")
    village_code: Mapped[str] = mapped_column(CHAR(12), comment="Village the household lives in.")
    household_number: Mapped[str] = mapped_column(Text, comment="Number on the household's book, unique in the county.")
    recorded_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When the record was written.")
    recorded_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="Who last wrote it (oversight.staff); null where the server's own command did."
    )
    import_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="Import that last wrote it (registry.registry_import); null where no import did."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "household_number"),
        ForeignKeyConstraint(
            ["county_code", "village_code"],
            ["registry.village.county_code", "registry.village.code"],
            name="fk_household_county_code_village_code",
        ),
        import_key("household"),
        Index(None, "county_code", "village_code"),
        {"schema": "registry", "comment": "Households: members enrol by household."},
    )


class Member(HouseBase):
    __tablename__ = "member"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the member enrols in.")
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), comment="Number of the record; sealed cells are bound to it."
    )
    household_id: Mapped[int] = mapped_column(BigInteger, comment="Household the member enrols with.")
    card_number: Mapped[str] = mapped_column(
        Text,
        comment="Number of the member's card. It begins with the county's code, so no two counties share one.",
    )
    name: Mapped[str] = mapped_column(Text, comment="Name as on the identity card.")
    name_pinyin: Mapped[str] = mapped_column(Text, comment="Name in pinyin, for sorting.")
    sex: Mapped[str] = mapped_column(Text, comment="male or female, as on the identity card.")
    born_on: Mapped[dt.date] = mapped_column(comment="Day of birth.")
    identity_number_sealed: Mapped[bytes] = mapped_column(
        comment="Identity number, sealed by the application for this row."
    )
    identity_number_index: Mapped[bytes] = mapped_column(
        comment="Blind index of the identity number: equal numbers have equal digests."
    )
    bank_account_sealed: Mapped[bytes | None] = mapped_column(
        comment="Account that compensation is paid to, sealed; null when none was given."
    )
    bank_account_index: Mapped[bytes | None] = mapped_column(comment="Blind index of that account.")
    phone_sealed: Mapped[bytes | None] = mapped_column(comment="Telephone, sealed; null when none was given.")
    is_head: Mapped[bool] = mapped_column(comment="Whether the member is the head of the household.")
    recorded_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When the record was written.")
    recorded_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="Who last wrote it (oversight.staff); null where the server's own command did."
    )
    import_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="Import that last wrote it (registry.registry_import); null where no import did."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "card_number"),
        UniqueConstraint("county_code", "identity_number_index"),
        CheckConstraint("card_number ~ '^[0-9]{10,20}$' AND left(card_number, 6) = county_code", name="card_number"),
        CheckConstraint("name = btrim(name) AND name <> ''", name="name"),
        CheckConstraint("sex IN ('male', 'female')", name="sex"),
        CheckConstraint(
            "octet_length(identity_number_sealed) > 34 AND octet_length(identity_number_index) = 32",
            name="identity_number_is_sealed",
        ),
        CheckConstraint(
            "octet_length(bank_account_sealed) > 34 AND octet_length(bank_account_index) = 32",
            name="bank_account_is_sealed",
        ),
        CheckConstraint("(bank_account_sealed IS NULL) = (bank_account_index IS NULL)", name="bank_account_has_index"),
        CheckConstraint("octet_length(phone_sealed) > 34", name="phone_is_sealed"),
        ForeignKeyConstraint(
            ["county_code", "household_id"],
            ["registry.household.county_code", "registry.household.id"],
            name="fk_member_county_code_household_id",
        ),
        import_key("member"),
        Index(None, "county_code", "household_id"),
        Index(None, "county_code", "bank_account_index"),
        Index("uq_member_one_head", "county_code", "household_id", unique=True, postgresql_where=text("is_head")),
        Index("ix_member_county_code_name", "county_code", "name", postgresql_ops={"name": "text_pattern_ops"}),
        Index("ix_member_name", "name", postgresql_using="gin", postgresql_ops={"name": "extensions.gin_trgm_ops"}),
        Index(
            "ix_member_card_number",
            "card_number",
            postgresql_using="gin",
            postgresql_ops={"card_number": "extensions.gin_trgm_ops"},
        ),
        {
            "schema": "registry",
            "comment": "Members of the scheme. Numbers of people are sealed; the keys lie outside the database.",
        },
    )


class ActivationSlip(HouseBase):
    """Written here, because the county issues it; the member's site reads it through one function."""

    __tablename__ = "activation_slip"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the slip.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Whom it lets in.")
    card_index: Mapped[bytes] = mapped_column(
        comment="Keyed digest of the card number, as the member's site computes it."
    )
    code_hash: Mapped[bytes] = mapped_column(
        comment="Keyed digest of the code on the slip; the code itself stands on paper alone."
    )
    issued_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was printed.")
    issued_by: Mapped[int] = mapped_column(BigInteger, comment="Who printed it (oversight.staff).")
    expires_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="Last instant it can be used.")
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When a newer slip took its place or it was called back."
    )
    withdrawn_by: Mapped[int | None] = mapped_column(BigInteger, comment="Who did that.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("octet_length(card_index) = 32 AND octet_length(code_hash) = 32", name="digests"),
        CheckConstraint("expires_at > issued_at", name="expires"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
        ForeignKeyConstraint(
            ["county_code", "member_id"],
            ["registry.member.county_code", "registry.member.id"],
            name="fk_activation_slip_county_code_member_id",
        ),
        Index(
            "uq_activation_slip_one_standing",
            "county_code",
            "member_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        {
            "schema": "oversight",
            "comment": "Slips that let a member choose a PIN for the member's site; each works once.",
        },
    )
