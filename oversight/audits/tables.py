"""The county's recomputations and what they found (decision 0037)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)
COUNTED = (
    "claim_count, line_count, settlement_count, entry_count, payment_count, trail_count, difference_count, kept_count, "
    "published_fen, recomputed_fen, overpaid_fen, underpaid_fen, paid_fen, schedule_hashes"
)


class Recomputation(HouseBase):
    __tablename__ = "recomputation"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose claims were recomputed.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the recomputation.")
    occasion: Mapped[str] = mapped_column(Text, comment="Why it was run: asked, nightly or batch_settled.")
    batch_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="Batch whose settling called for it; null otherwise."
    )
    asked_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="oversight.staff.id of who asked for it; null where a rule did."
    )
    asked_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was asked for.")
    state: Mapped[str] = mapped_column(
        Text, server_default=text("'asked'"), comment="asked, running, finished or failed."
    )
    stage: Mapped[str | None] = mapped_column(Text, comment="What it is doing, while it runs.")
    done_count: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="How many rows of that stage are done."
    )
    total_count: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="How many rows that stage has."
    )
    begun_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it began.")
    finished_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it ended, finished or failed.")
    failure: Mapped[str | None] = mapped_column(
        Text, comment="Why it failed, as a name of the fault; null where it did not."
    )
    claim_count: Mapped[int | None] = mapped_column(BigInteger, comment="Claims read.")
    line_count: Mapped[int | None] = mapped_column(BigInteger, comment="Lines read.")
    settlement_count: Mapped[int | None] = mapped_column(BigInteger, comment="Settlements recomputed.")
    entry_count: Mapped[int | None] = mapped_column(BigInteger, comment="Entries of household accounts recomputed.")
    payment_count: Mapped[int | None] = mapped_column(BigInteger, comment="Payments compared.")
    trail_count: Mapped[int | None] = mapped_column(BigInteger, comment="Entries of the contractor's trail compared.")
    difference_count: Mapped[int | None] = mapped_column(BigInteger, comment="Differences found.")
    kept_count: Mapped[int | None] = mapped_column(
        BigInteger, comment="Differences that are listed; the rest are only counted."
    )
    published_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="Benefits of all settlements and visits as published, in fen."
    )
    recomputed_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="The same as the county computes them, in fen."
    )
    overpaid_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="Sum of what is above the county's amount, claim by claim, in fen."
    )
    underpaid_fen: Mapped[int | None] = mapped_column(BigInteger, comment="Sum of what is below it, in fen.")
    paid_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="Payments that were made and not returned, in fen."
    )
    schedule_hashes: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), comment="Content hashes of the schedules it was computed by."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("occasion IN ('asked', 'nightly', 'batch_settled')", name="occasion"),
        CheckConstraint("(occasion = 'asked') = (asked_by IS NOT NULL)", name="asked_by"),
        CheckConstraint("(occasion = 'batch_settled') = (batch_id IS NOT NULL)", name="batch"),
        CheckConstraint("state IN ('asked', 'running', 'finished', 'failed')", name="state"),
        CheckConstraint(
            "(finished_at IS NOT NULL) = (state IN ('finished', 'failed')) "
            "AND (failure IS NOT NULL) = (state = 'failed')",
            name="ended",
        ),
        CheckConstraint(f"(state = 'finished') = (num_nulls({COUNTED}) = 0)", name="counted"),
        CheckConstraint("done_count BETWEEN 0 AND total_count", name="progress"),
        CheckConstraint("kept_count BETWEEN 0 AND difference_count", name="kept"),
        Index(
            "ix_recomputation_under_way",
            "county_code",
            "id",
            postgresql_where=text("state IN ('asked', 'running')"),
        ),
        {
            "schema": "oversight",
            "comment": "Each time the county computed again what the contractor settled and paid.",
        },
    )


class RecomputationDifference(HouseBase):
    __tablename__ = "recomputation_difference"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the recomputation.")
    recomputation_id: Mapped[int] = mapped_column(BigInteger, comment="The recomputation.")
    difference_no: Mapped[int] = mapped_column(Integer, comment="Its place in the list, the largest effect first.")
    kind: Mapped[str] = mapped_column(
        Text, comment="Where it begins: line, input, law, benefit, account, payment, event or trail."
    )
    step: Mapped[str] = mapped_column(Text, comment="The column or rule on which the two part.")
    section: Mapped[str] = mapped_column(
        Text,
        server_default=text("''"),
        comment="Section of the order of benefits; empty where it is none of its steps.",
    )
    article: Mapped[str] = mapped_column(
        Text, server_default=text("''"), comment="Article of the order; empty where there is none."
    )
    claim_id: Mapped[int | None] = mapped_column(BigInteger, comment="Claim it is about.")
    settlement_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="Settlement it is about; null where it is about none."
    )
    entry_id: Mapped[int | None] = mapped_column(BigInteger, comment="Entry of a household account it is about.")
    payment_id: Mapped[int | None] = mapped_column(BigInteger, comment="Payment it is about.")
    line_no: Mapped[int | None] = mapped_column(Integer, comment="Line of the bill on which it begins.")
    trail_seq: Mapped[int | None] = mapped_column(BigInteger, comment="Place of the trail's entry that says otherwise.")
    institution_code: Mapped[str | None] = mapped_column(Text, comment="Institution of the claim.")
    member_id: Mapped[int | None] = mapped_column(BigInteger, comment="Member of the claim.")
    year: Mapped[int | None] = mapped_column(Integer, comment="Year of the settlement.")
    published_fen: Mapped[int | None] = mapped_column(
        BigInteger, comment="The contractor's amount of that step, in fen; null where the step is no amount."
    )
    recomputed_fen: Mapped[int | None] = mapped_column(BigInteger, comment="The county's amount of that step, in fen.")
    published_word: Mapped[str | None] = mapped_column(
        Text, comment="What the contractor says there, where it is no amount."
    )
    recomputed_word: Mapped[str | None] = mapped_column(Text, comment="What the county says there.")
    effect_fen: Mapped[int] = mapped_column(
        BigInteger,
        comment="Benefits or payments above the county's amount, below zero where they are less, in fen.",
    )
    follows_earlier: Mapped[bool] = mapped_column(
        comment="Whether an earlier settlement of the same year differs too, so that this may only follow."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "recomputation_id", "difference_no"),
        ForeignKeyConstraint(
            ["county_code", "recomputation_id"],
            ["oversight.recomputation.county_code", "oversight.recomputation.id"],
            name="fk_recomputation_difference_run",
        ),
        CheckConstraint(
            "kind IN ('line', 'input', 'law', 'benefit', 'account', 'payment', 'event', 'trail')", name="kind"
        ),
        CheckConstraint(
            "num_nonnulls(published_fen, recomputed_fen, published_word, recomputed_word) > 0",
            name="says_something",
        ),
        CheckConstraint("difference_no > 0", name="no"),
        Index("ix_recomputation_difference_kind", "county_code", "recomputation_id", "kind", "difference_no"),
        Index("ix_recomputation_difference_claim", "county_code", "claim_id"),
        {
            "schema": "oversight",
            "comment": "Where what was published and what the county computed do not agree, told by the first step "
            "that differs.",
        },
    )
