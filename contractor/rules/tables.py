"""What the checks keep between nights."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase


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
    measured_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), comment="When they were last measured.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "category", "tier"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("tier BETWEEN 1 AND 3", name="tier"),
        CheckConstraint("stay_count >= 0 AND log_deviation >= 0 AND log_spread >= 0 AND days_p95 >= 0", name="numbers"),
        {
            "schema": "contractor",
            "comment": "What stays of one diagnosis category at one tier cost and last; measured anew every night.",
        },
    )
