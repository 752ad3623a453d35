"""What was sent and what became of it. The file itself lies on disk until it is taken in or refused, then it goes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)
WAITING, TAKEN, REFUSED, STOPPED = "waiting", "taken", "refused", "stopped"


class ClaimUpload(HouseBase):
    __tablename__ = "claim_upload"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the claims belong to.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the upload.")
    door: Mapped[str] = mapped_column(Text, comment="How it came: page or api.")
    file_name: Mapped[str] = mapped_column(Text, comment="Name the sender gave it.")
    stored_as: Mapped[str] = mapped_column(
        Text, comment="Name of the file below the data folder; ours, not the sender's."
    )
    sha256: Mapped[bytes] = mapped_column(LargeBinary, comment="SHA-256 of its bytes.")
    byte_count: Mapped[int] = mapped_column(BigInteger, comment="Its size.")
    sent_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was sent.")
    sent_by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of who sent it, or whose token did.")
    institution_code: Mapped[str | None] = mapped_column(
        Text, comment="Institution that sent it itself; claims of any other are faults then."
    )
    state: Mapped[str] = mapped_column(
        Text, server_default=text("'waiting'"), comment="waiting, taken, refused or stopped."
    )
    claims_seen: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Claims read so far; written while the file is being taken in."
    )
    begun_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When a worker last began to read it.")
    finished_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When it was taken in, refused or stopped."
    )
    file_id: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.claim_file.id once it is taken in.")
    refusal: Mapped[str | None] = mapped_column(Text, comment="Key of the refusal; null where it was not refused.")
    fault_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), comment="Faults that were found.")
    faults: Mapped[list[Any]] = mapped_column(
        JSONB,
        server_default=text("'[]'::jsonb"),
        comment="The first thousand faults: row, column, expected, found, reason.",
    )
    read_ppm: Mapped[int | None] = mapped_column(
        comment="How much of the file is read, parts per million; null where its form does not show it."
    )
    stop_asked_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When somebody asked to stop taking it in; null where nobody did."
    )
    stop_asked_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who asked.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(
            ["county_code", "file_id"],
            ["contractor.claim_file.county_code", "contractor.claim_file.id"],
            name="fk_claim_upload_county_code_file_id",
        ),
        CheckConstraint("door IN ('page', 'api')", name="door"),
        CheckConstraint("state IN ('waiting', 'taken', 'refused', 'stopped')", name="state"),
        CheckConstraint("read_ppm BETWEEN 0 AND 1000000", name="read"),
        CheckConstraint("(stop_asked_at IS NULL) = (stop_asked_by IS NULL)", name="stop"),
        CheckConstraint("state <> 'stopped' OR stop_asked_at IS NOT NULL", name="stopped"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint("byte_count > 0 AND claims_seen >= 0 AND fault_count >= 0", name="counts"),
        CheckConstraint("(state = 'waiting') = (finished_at IS NULL)", name="finished"),
        CheckConstraint("(state = 'taken') = (file_id IS NOT NULL)", name="taken"),
        CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", name="refused"),
        Index(None, "county_code", "institution_code", "id"),
        {
            "schema": "contractor",
            "comment": "Files of claims that were sent through a page or the API, and what became of each.",
        },
    )
