"""Which files were taken in, and what each changed in records that were known."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Integer,
    PrimaryKeyConstraint,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from oversight.registry.recorded import INSTANT


class RegistryImport(HouseBase):
    __tablename__ = "registry_import"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the file was read for.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the import.")
    kind: Mapped[str] = mapped_column(Text, comment="What the file holds, such as members or enrolment.")
    file_name: Mapped[str] = mapped_column(Text, comment="Name of the file as it was sent.")
    sha256: Mapped[bytes] = mapped_column(comment="SHA-256 of the file.")
    row_count: Mapped[int] = mapped_column(Integer, comment="Rows in the file.")
    added_count: Mapped[int] = mapped_column(Integer, comment="Records that were new.")
    changed_count: Mapped[int] = mapped_column(Integer, comment="Records that were known and became different.")
    same_count: Mapped[int] = mapped_column(Integer, comment="Rows that said what was known already.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was taken in.")
    by: Mapped[int | None] = mapped_column(
        BigInteger, comment="Who took it in (oversight.staff); null where the server's own command did."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("kind ~ '^[a-z_]{1,40}$'", name="kind"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint(
            "row_count >= 0 AND added_count >= 0 AND changed_count >= 0 AND same_count >= 0", name="counts"
        ),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        {
            "schema": "registry",
            "comment": "Files that were taken into the registry, one row a file; a file that was refused leaves none.",
        },
    )


class ImportChange(HouseBase):
    __tablename__ = "import_change"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the import.")
    import_id: Mapped[int] = mapped_column(BigInteger, comment="Import that made the change.")
    change_no: Mapped[int] = mapped_column(Integer, comment="Place of the change in the import, from 1.")
    row_no: Mapped[int] = mapped_column(
        Integer,
        comment="Row of the file, as a spreadsheet counts; the successor's where that ended a period.",
    )
    subject: Mapped[str] = mapped_column(Text, comment="The record, by the numbers that people use for it.")
    column_name: Mapped[str] = mapped_column(Text, comment="What changed.")
    old_value: Mapped[str | None] = mapped_column(
        Text, comment="What was known before; masked where the column is sealed, null where nothing was known."
    )
    new_value: Mapped[str | None] = mapped_column(
        Text, comment="What is known now; masked where the column is sealed, null where nothing is."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "import_id", "change_no"),
        CheckConstraint("change_no > 0 AND row_no >= 0", name="numbers"),
        ForeignKeyConstraint(
            ["county_code", "import_id"],
            ["registry.registry_import.county_code", "registry.registry_import.id"],
            name="fk_import_change_county_code_import_id",
        ),
        {
            "schema": "registry",
            "comment": "What an import changed in records that were known, old beside new. Never changed itself.",
        },
    )
