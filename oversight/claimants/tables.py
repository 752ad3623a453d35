"""What the member's site keeps. Row-level security shows each transaction the rows of its own session's member."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

SCHEMA = "claimant"


def _instant(comment: str, **options: Any) -> Mapped[dt.datetime]:
    return mapped_column(DateTime(timezone=True), comment=comment, **options)


class MemberCredential(HouseBase):
    __tablename__ = "member_credential"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="The member (registry.member).")
    card_index: Mapped[bytes] = mapped_column(
        comment="Keyed digest of the card number: the card itself is not kept here."
    )
    pin_hash: Mapped[str] = mapped_column(
        Text, comment="argon2id of a keyed digest of the PIN; without the key file it cannot be guessed offline."
    )
    pin_set_at: Mapped[dt.datetime] = _instant("When the member chose it.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "member_id"),
        UniqueConstraint("county_code", "card_index"),
        CheckConstraint("octet_length(card_index) = 32", name="card_index"),
        CheckConstraint("pin_hash LIKE '$argon2id$%'", name="pin_hash"),
        {"schema": SCHEMA, "comment": "How a member signs in: card and PIN, neither of them readable here."},
    )


class MemberSession(HouseBase):
    __tablename__ = "member_session"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the session.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Who is signed in.")
    token_hash: Mapped[bytes] = mapped_column(comment="SHA-256 of the token that only the member's browser holds.")
    device: Mapped[str] = mapped_column(
        Text, comment="phone, computer or unknown: enough for the member to recognise it."
    )
    opened_at: Mapped[dt.datetime] = _instant("When the member signed in.")
    idle_until: Mapped[dt.datetime] = _instant("Ends then unless the member does something.")
    ends_at: Mapped[dt.datetime] = _instant("Ends then in any case.")
    closed_at: Mapped[dt.datetime | None] = _instant("When it was closed before its end.")
    closed_because: Mapped[str | None] = mapped_column(Text, comment="signed_out, pin_changed or new_slip.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "token_hash"),
        CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
        CheckConstraint("device IN ('phone', 'computer', 'unknown')", name="device"),
        CheckConstraint("idle_until <= ends_at", name="idle"),
        CheckConstraint("(closed_at IS NULL) = (closed_because IS NULL)", name="closed"),
        CheckConstraint("closed_because IN ('signed_out', 'pin_changed', 'new_slip')", name="closed_because"),
        Index(None, "county_code", "member_id"),
        {"schema": SCHEMA, "comment": "Sign-ins of members and when they end."},
    )


class Activation(HouseBase):
    __tablename__ = "activation"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    slip_id: Mapped[int] = mapped_column(
        BigInteger, comment="The slip that was used (oversight.activation_slip); a slip works once."
    )
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Who used it.")
    activated_at: Mapped[dt.datetime] = _instant("When.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "slip_id"),
        {"schema": SCHEMA, "comment": "Slips that have been used. Never changed."},
    )


class MemberSignInAttempt(HouseBase):
    __tablename__ = "member_sign_in_attempt"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the card names.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the attempt.")
    card_index: Mapped[bytes] = mapped_column(comment="Keyed digest of the card number that was typed.")
    member_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="The member with that card; null when no member of the site has it."
    )
    network: Mapped[bytes] = mapped_column(comment="Keyed digest of the network it came from.")
    at: Mapped[dt.datetime] = _instant("When.")
    outcome: Mapped[str] = mapped_column(
        Text, comment="open while the PIN is being checked (counted as a failure), entered or refused."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("outcome IN ('open', 'entered', 'refused')", name="outcome"),
        Index("ix_member_sign_in_attempt_county_code_card_index_at", "county_code", "card_index", "at"),
        Index("ix_member_sign_in_attempt_network_at", "network", "at"),
        Index("ix_member_sign_in_attempt_county_code_member_id_at", "county_code", "member_id", "at"),
        {"schema": SCHEMA, "comment": "Attempts to sign in, counted to slow down guessing."},
    )
