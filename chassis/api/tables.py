"""Tokens of programs and the keys of their requests, at the one desk that programs write to: the workspace."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import DeskBase

DESKS_WITH_PROGRAMS = {"contractor"}
_COUNTY = "GB/T 2260 code of the county, or of the city for the city's people."
_INSTANT = DateTime(timezone=True)


class ApiToken(DeskBase):
    __tablename__ = "api_token"
    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(["county_code", "staff_id"], ["desk.staff.county_code", "desk.staff.id"]),
        UniqueConstraint("token_sha256"),
        CheckConstraint("octet_length(token_sha256) = 32", "token_sha256"),
        CheckConstraint("char_length(btrim(label)) BETWEEN 1 AND 60", "label"),
        CheckConstraint("created_at < ends_at", "times"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", "revoked"),
        CheckConstraint("cardinality(rooms) > 0", "rooms"),
        Index("ix_api_token_county_code_staff_id", "county_code", "staff_id"),
        {
            "info": {"desks": DESKS_WITH_PROGRAMS},
            "comment": (
                "A secret with which a program acts for one person in one of their roles. Revoked, never deleted."
            ),
        },
    )

    county_code: Mapped[str] = mapped_column(CHAR(6), comment=_COUNTY)
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), comment="Number of the row, given by the database."
    )
    staff_id: Mapped[int] = mapped_column(BigInteger, comment="Whose it is: staff.id.")
    token_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of the token, which was shown once and is nowhere else."
    )
    label: Mapped[str] = mapped_column(Text, comment="What the person calls it: the program that uses it.")
    role: Mapped[str] = mapped_column(
        Text, comment="The one role it acts in; it opens nothing once the person no longer holds that role."
    )
    rooms: Mapped[list[str]] = mapped_column(
        ARRAY(Text), comment="Rooms of the API that it opens, among those its role may enter."
    )
    is_read_only: Mapped[bool] = mapped_column(
        Boolean, comment="Whether it reads alone: no act, whatever the role may do."
    )
    created_at: Mapped[dt.datetime] = mapped_column(_INSTANT, comment="When it was made.")
    ends_at: Mapped[dt.datetime] = mapped_column(_INSTANT, comment="Until when it opens anything.")
    last_used_at: Mapped[dt.datetime | None] = mapped_column(_INSTANT, comment="When it was last used, to the minute.")
    revoked_at: Mapped[dt.datetime | None] = mapped_column(_INSTANT, comment="When it was revoked before its time.")
    revoked_by: Mapped[int | None] = mapped_column(BigInteger, comment="staff.id of who revoked it.")


class IdempotencyKey(DeskBase):
    __tablename__ = "idempotency_key"
    __table_args__ = (
        PrimaryKeyConstraint("county_code", "staff_id", "endpoint", "key"),
        ForeignKeyConstraint(["county_code", "staff_id"], ["desk.staff.county_code", "desk.staff.id"]),
        CheckConstraint("octet_length(request_sha256) = 32", "request_sha256"),
        CheckConstraint("char_length(key) BETWEEN 8 AND 100", "key"),
        CheckConstraint("(status IS NULL) = (answer IS NULL)", "answered"),
        CheckConstraint("status BETWEEN 200 AND 299", "status"),
        {
            "info": {"desks": DESKS_WITH_PROGRAMS},
            "comment": (
                "A program's own name for one request: written with its effect, so that asking again does nothing "
                "again."
            ),
        },
    )

    county_code: Mapped[str] = mapped_column(CHAR(6), comment=_COUNTY)
    staff_id: Mapped[int] = mapped_column(
        BigInteger, comment="Who asked: staff.id. Another person's key of the same name is another."
    )
    endpoint: Mapped[str] = mapped_column(Text, comment="What was asked for: the operation's name.")
    key: Mapped[str] = mapped_column(Text, comment="The name the program gave the request before it sent it.")
    request_sha256: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of what was asked; the same key for something else is refused."
    )
    asked_at: Mapped[dt.datetime] = mapped_column(_INSTANT, comment="When it was first asked.")
    status: Mapped[int | None] = mapped_column(
        SmallInteger, comment="HTTP status of the answer; null only inside the transaction that works on it."
    )
    answer: Mapped[str | None] = mapped_column(Text, comment="The answer as it was given, given again word for word.")
