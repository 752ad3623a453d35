"""What the checks keep between nights, a county's own thresholds, and what reviewers said of findings."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)


class PeerStatistic(HouseBase):
    __tablename__ = "peer_statistic"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the stays were paid for.")
    category: Mapped[str] = mapped_column(
        Text,
        comment="Category of the main diagnosis: three characters, or the whole code where it has no categories.",
    )
    tier: Mapped[int] = mapped_column(
        SmallInteger, comment="Tier of the institution: 1 township, 2 county, 3 above the county."
    )
    stay_count: Mapped[int] = mapped_column(comment="Stays of this year and the last that were looked at.")
    log_mean: Mapped[float] = mapped_column(Double, comment="Mean of the natural logarithm of their totals in fen.")
    log_deviation: Mapped[float] = mapped_column(Double, comment="Standard deviation of the same.")
    log_median: Mapped[float] = mapped_column(Double, comment="Median of the same.")
    log_spread: Mapped[float] = mapped_column(
        Double, comment="1.4826 times the median distance from that median: a deviation few outliers can move."
    )
    days_p95: Mapped[float] = mapped_column(Double, comment="Ninety-fifth percentile of their length in days.")
    percentiles_fen: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger),
        server_default=text("'{}'"),
        comment="What they cost, in fen: the first to the ninety-ninth percentile; empty until a night measures them.",
    )
    measured_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), comment="When they were last measured.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "category", "tier"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("tier BETWEEN 1 AND 3", name="tier"),
        CheckConstraint("stay_count >= 0 AND log_deviation >= 0 AND log_spread >= 0 AND days_p95 >= 0", name="numbers"),
        CheckConstraint("cardinality(percentiles_fen) IN (0, 99)", name="percentiles"),
        {
            "schema": "contractor",
            "comment": "What stays of one diagnosis category at one tier cost and last; measured anew every night.",
        },
    )


class RuleParameter(HouseBase):
    __tablename__ = "rule_parameter"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County it holds in.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the change.")
    rule: Mapped[str] = mapped_column(Text, comment="Key of the check's card in rulebook.checks, such as F17.")
    name: Mapped[str] = mapped_column(Text, comment="Threshold of the card, its unit last.")
    from_on: Mapped[dt.date] = mapped_column(comment="First day of claims it holds for; of one day's the newest holds.")
    value: Mapped[int] = mapped_column(BigInteger, comment="The threshold in its own unit; amounts in fen.")
    reason: Mapped[str] = mapped_column(Text, comment="Why it was set so.")
    set_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was set.")
    set_by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of who set it.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("value >= 0 AND reason <> ''", name="value"),
        {
            "schema": "contractor",
            "comment": "Thresholds a county sets for itself, each from a day on, over those on the card.",
        },
    )


class RuleSuspension(HouseBase):
    __tablename__ = "rule_suspension"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County it holds in.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the suspension.")
    rule: Mapped[str] = mapped_column(Text, comment="Key of the check's card in rulebook.checks.")
    reason: Mapped[str | None] = mapped_column(Text, comment="Why: a person's words; null where a rule acted.")
    confirmed_count: Mapped[int] = mapped_column(comment="Findings that reviewers had confirmed by then.")
    false_count: Mapped[int] = mapped_column(comment="Findings that reviewers had called false by then.")
    suspended_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it began.")
    suspended_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="contractor.staff.id; null where low precision did it."
    )
    ended_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When it ended; null while it lasts. Precision counts anew from then."
    )
    ended_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who ended it.")
    end_reason: Mapped[str | None] = mapped_column(Text, comment="Why it was ended.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("(suspended_by IS NULL) = (reason IS NULL)", name="suspended"),
        CheckConstraint("num_nulls(ended_at, ended_by, end_reason) IN (0, 3)", name="ended"),
        CheckConstraint("confirmed_count >= 0 AND false_count >= 0", name="counts"),
        Index(
            "uq_rule_suspension_once",
            "county_code",
            "rule",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"schema": "contractor", "comment": "Rules put aside: they are computed, and only tell."},
    )


class RuleVerdict(HouseBase):
    __tablename__ = "rule_verdict"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    finding_no: Mapped[int] = mapped_column(comment="Its finding.")
    verdict_no: Mapped[int] = mapped_column(
        SmallInteger, comment="Place among the verdicts on this finding, from 1; the last one stands."
    )
    rule: Mapped[str] = mapped_column(
        Text, comment="The finding's rule, kept here so that verdicts are counted without the findings."
    )
    verdict: Mapped[str] = mapped_column(Text, comment="confirmed, false_alarm or unclear.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was said.")
    by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of who said it.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "claim_id", "finding_no", "verdict_no"),
        ForeignKeyConstraint(
            ["county_code", "claim_id", "finding_no"],
            [
                "contractor.claim_finding.county_code",
                "contractor.claim_finding.claim_id",
                "contractor.claim_finding.finding_no",
            ],
            name="fk_rule_verdict_finding",
        ),
        CheckConstraint("verdict IN ('confirmed', 'false_alarm', 'unclear')", name="verdict"),
        CheckConstraint("verdict_no > 0", name="numbers"),
        Index(None, "county_code", "rule"),
        {"schema": "contractor", "comment": "What reviewers said of findings when they decided."},
    )
