"""The trail of each desk, its heads, and the heads of the others as the desk saw them. Decision 0014 says why."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Date, DateTime, Text, text
from sqlalchemy.dialects.postgresql import BYTEA, JSON
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import DeskBase

SIX_DIGITS = "county_code ~ '^[0-9]{6}$'"
PLAIN_WORD = "^[a-z][a-z_]{0,39}$"
NOW = text("clock_timestamp()")


class TrailEntry(DeskBase):
    __tablename__ = "trail_entry"
    __table_args__ = (
        CheckConstraint(SIX_DIGITS, name="county_code_is_six_digits"),
        CheckConstraint(f"stream ~ '{PLAIN_WORD}'", name="stream_is_a_plain_word"),
        CheckConstraint("seq > 0", name="seq_counts_from_one"),
        CheckConstraint("actor_kind IN ('staff', 'member', 'system', 'institution')", name="actor_kind_is_known"),
        CheckConstraint("act ~ '^[a-z][a-z_.]{0,79}$'", name="act_is_a_plain_word"),
        CheckConstraint(f"subject_kind ~ '{PLAIN_WORD}'", name="subject_kind_is_a_plain_word"),
        CheckConstraint(
            "octet_length(actor_id) BETWEEN 1 AND 120 AND octet_length(actor_id) = char_length(actor_id)",
            name="actor_id_is_an_id",
        ),
        CheckConstraint(
            "octet_length(subject_id) BETWEEN 1 AND 120 AND octet_length(subject_id) = char_length(subject_id)",
            name="subject_id_is_an_id",
        ),
        CheckConstraint(
            "json_typeof(facts) = 'object' AND octet_length(facts::text) <= 8192 "
            "AND octet_length(facts::text) = char_length(facts::text) AND position('\\u' IN facts::text) = 0",
            name="facts_are_a_small_plain_object",
        ),
        CheckConstraint("octet_length(prev_hash) = 32 AND octet_length(hash) = 32", name="hashes_are_sha256"),
        {"comment": "What was done at this desk, by whom, when: a hash chain per county and stream, only added to"},
    )

    county_code: Mapped[str] = mapped_column(CHAR(6), primary_key=True, comment="County the act belongs to (GB/T 2260)")
    stream: Mapped[str] = mapped_column(
        Text, primary_key=True, comment="Which chain of the desk: claims, payments, people"
    )
    seq: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, comment="Place in the chain: 1, 2, 3 without a gap"
    )
    recorded_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), comment="When it was written down, by the clock of the database"
    )
    acted_on: Mapped[dt.date] = mapped_column(Date, comment="Business day of the act, Asia/Shanghai")
    actor_kind: Mapped[str] = mapped_column(Text, comment="staff, member, system or institution")
    actor_id: Mapped[str] = mapped_column(Text, comment="Who acted: an id, never a name")
    act: Mapped[str] = mapped_column(Text, comment="What was done, a past participle: claim.approved")
    subject_kind: Mapped[str] = mapped_column(Text, comment="What it was done to: claim, batch, person")
    subject_id: Mapped[str] = mapped_column(Text, comment="Id of what it was done to")
    facts: Mapped[dict[str, Any]] = mapped_column(
        JSON,
        comment="Ids, amounts in fen and hashes, in the exact text that was hashed; no name or number of a person",
    )
    prev_hash: Mapped[bytes] = mapped_column(BYTEA, comment="Hash of the entry before, or the genesis of the chain")
    hash: Mapped[bytes] = mapped_column(BYTEA, comment="SHA-256 of prev_hash and the entry in canonical form 1")


class TrailHead(DeskBase):
    __tablename__ = "trail_head"
    __table_args__ = (
        CheckConstraint(SIX_DIGITS, name="county_code_is_six_digits"),
        CheckConstraint(f"stream ~ '{PLAIN_WORD}'", name="stream_is_a_plain_word"),
        CheckConstraint("seq >= 0", name="seq_counts_from_zero"),
        CheckConstraint("octet_length(hash) = 32", name="hash_is_sha256"),
        {"comment": "The last link of each chain; a writer locks this row, so that no chain forks"},
    )

    county_code: Mapped[str] = mapped_column(CHAR(6), primary_key=True, comment="County of the chain (GB/T 2260)")
    stream: Mapped[str] = mapped_column(Text, primary_key=True, comment="Which chain of the desk")
    seq: Mapped[int] = mapped_column(BigInteger, comment="Place of the last entry; 0 before the first")
    hash: Mapped[bytes] = mapped_column(BYTEA, comment="Hash of the last entry, or the genesis of the chain")
    updated_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True), server_default=NOW, comment="When the head last moved, by the clock of the database"
    )


class TrailAnchor(DeskBase):
    __tablename__ = "trail_anchor"
    __table_args__ = (
        CheckConstraint(SIX_DIGITS, name="county_code_is_six_digits"),
        CheckConstraint("desk IN ('contractor', 'county', 'finance', 'claimant')", name="desk_is_known"),
        CheckConstraint("seq >= 0 AND checked_entries >= 0", name="counts_are_not_negative"),
        CheckConstraint("octet_length(hash) = 32", name="hash_is_sha256"),
        CheckConstraint(
            "verdict IN ('sound', 'changed', 'missing', 'swapped', 'rewritten', 'forged', 'head', 'cut', 'rebuilt')",
            name="verdict_is_known",
        ),
        CheckConstraint("(verdict = 'sound') = (bad_seq IS NULL)", name="a_fault_has_a_place"),
        {
            "comment": "Heads of the other desks as this desk saw and checked them: "
            "what a superuser elsewhere cannot rewrite",
            "info": {"desks": {"contractor", "county", "finance"}},
        },
    )

    county_code: Mapped[str] = mapped_column(
        CHAR(6), primary_key=True, comment="County of the chain that was looked at"
    )
    desk: Mapped[str] = mapped_column(Text, primary_key=True, comment="The other desk, whose chain it is")
    stream: Mapped[str] = mapped_column(Text, primary_key=True, comment="Which chain of the other desk")
    seen_at: Mapped[dt.datetime] = mapped_column(
        DateTime(timezone=True),
        primary_key=True,
        server_default=NOW,
        comment="When this desk saw that head, by the clock of the database",
    )
    seq: Mapped[int] = mapped_column(BigInteger, comment="Place of the head that was seen; 0 where it was gone")
    hash: Mapped[bytes] = mapped_column(BYTEA, comment="Hash of the head that was seen")
    verdict: Mapped[str] = mapped_column(Text, comment="sound, or the first fault found since the last anchor")
    bad_seq: Mapped[int | None] = mapped_column(BigInteger, comment="Place of the first fault; empty where sound")
    checked_entries: Mapped[int] = mapped_column(
        BigInteger, comment="How many links were recomputed; 0 where only heads may be read"
    )
