"""The three columns every fact of the registry carries: when it was written, by whom, from which file."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

INSTANT = DateTime(timezone=True)


class Recorded:
    """A mapped table's columns of record."""

    recorded_at: Mapped[dt.datetime] = mapped_column(
        INSTANT, comment="When the record was last written.", sort_order=100
    )
    recorded_by: Mapped[int | None] = mapped_column(
        BigInteger,
        comment="Who wrote it (oversight.staff); null where the server's own command did.",
        sort_order=101,
    )
    import_id: Mapped[int | None] = mapped_column(
        BigInteger,
        comment="Import that last wrote it (registry.registry_import); null where it was entered by hand.",
        sort_order=102,
    )


def import_key(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["county_code", "import_id"],
        ["registry.registry_import.county_code", "registry.registry_import.id"],
        name=f"fk_{table}_county_code_import_id",
    )


def member_key(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["county_code", "member_id"],
        ["registry.member.county_code", "registry.member.id"],
        name=f"fk_{table}_county_code_member_id",
    )
