"""The catalogue: one row an item and period."""

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
from oversight.registry.recorded import Recorded, import_key


class CatalogueItem(Recorded, HouseBase):
    __tablename__ = "catalogue_item"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose catalogue it is.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the record.")
    item_code: Mapped[str] = mapped_column(Text, comment="Code of the item; text.")
    name: Mapped[str] = mapped_column(Text, comment="Name of the item.")
    catalogue_class: Mapped[int] = mapped_column(
        SmallInteger, comment="1 class A, 2 class B, 3 class C (not paid for)."
    )
    kind: Mapped[str] = mapped_column(Text, comment="drug, service, material, bed, nursing or examination.")
    from_on: Mapped[dt.date] = mapped_column(comment="First day this entry holds.")
    until_on: Mapped[dt.date | None] = mapped_column(
        comment="First day it does not hold any more; null while no end is set."
    )
    limit_township_e4: Mapped[int | None] = mapped_column(
        BigInteger,
        comment="Highest unit price at a township institution, in ten-thousandths of a yuan; null: none.",
    )
    limit_county_e4: Mapped[int | None] = mapped_column(
        BigInteger, comment="Highest unit price at a county institution, likewise."
    )
    limit_above_e4: Mapped[int | None] = mapped_column(
        BigInteger, comment="Highest unit price above the county, likewise."
    )
    reserved_sex: Mapped[str | None] = mapped_column(
        Text, comment="male or female where the item is for one sex alone; null otherwise."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "item_code", "from_on"),
        CheckConstraint("item_code ~ '^[0-9A-Za-z._-]{1,40}$'", name="item_code"),
        CheckConstraint("name = btrim(name) AND name <> ''", name="name"),
        CheckConstraint("catalogue_class IN (1, 2, 3)", name="catalogue_class"),
        CheckConstraint("kind IN ('drug', 'service', 'material', 'bed', 'nursing', 'examination')", name="kind"),
        CheckConstraint("until_on > from_on", name="until_on"),
        CheckConstraint("limit_township_e4 >= 0 AND limit_county_e4 >= 0 AND limit_above_e4 >= 0", name="limits"),
        CheckConstraint("reserved_sex IN ('male', 'female')", name="reserved_sex"),
        ExcludeConstraint(
            (text("county_code"), "="),
            (text("item_code"), "="),
            (text("daterange(from_on, until_on)"), "&&"),
            name="ex_catalogue_item_one_a_day",
        ),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        import_key("catalogue_item"),
        Index(None, "county_code", "catalogue_class", "item_code"),
        {
            "schema": "registry",
            "comment": (
                "What the scheme pays for, by class, at what most, from when to when. Periods of an item never overlap."
            ),
        },
    )
