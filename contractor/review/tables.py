"""Views of the queue that people saved (decision 0040)."""

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
