"""What each member's year has used up, and the decisions in money that used it (decision 0027)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from contractor.claims.tables.columns import INSTANT, fen


class MemberYear(HouseBase):
    __tablename__ = "member_year"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="The member.")
    year: Mapped[int] = mapped_column(comment="The year whose deductibles, bands and caps are used up.")
    last_settlement_no: Mapped[int] = mapped_column(server_default=text("0"), comment="Last number given.")
    covered_fen: Mapped[int] = fen("Covered above the deductible so far, in fen.", default="0")
    pool_paid_fen: Mapped[int] = fen("Paid by the pooled fund so far, in fen.", default="0")
    burden_fen: Mapped[int] = fen("Eligible and left to the member so far, in fen.", default="0")
    serious_paid_fen: Mapped[int] = fen("Paid by serious-illness insurance so far, in fen.", default="0")
    supplementary_paid_fen: Mapped[int] = fen("Paid by supplementary insurance so far, in fen.", default="0")
    assistance_paid_fen: Mapped[int] = fen("Proposed as medical assistance so far, in fen.", default="0")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "member_id", "year"),
        CheckConstraint(
            "last_settlement_no >= 0 AND covered_fen >= 0 AND pool_paid_fen >= 0 AND burden_fen >= 0 "
            "AND serious_paid_fen >= 0 AND supplementary_paid_fen >= 0 AND assistance_paid_fen >= 0",
            name="numbers",
        ),
        {"schema": "contractor", "comment": "What each member's year has used up: sums of its settlements."},
    )


class Settlement(HouseBase):
    __tablename__ = "settlement"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the settlement.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim it settles or takes back.")
    reverses_settlement_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Settlement it takes back; 0 for a decision."
    )
    member_id: Mapped[int] = mapped_column(BigInteger, comment="The member.")
    year: Mapped[int] = mapped_column(comment="Year it counts for.")
    settlement_no: Mapped[int] = mapped_column(comment="Its place in the member's year, from 1.")
    admitted_on: Mapped[dt.date] = mapped_column(comment="Day of admission.")
    discharged_on: Mapped[dt.date] = mapped_column(comment="Day of discharge.")
    tier: Mapped[int] = mapped_column(SmallInteger, comment="1 township, 2 county, 3 above the county.")
    status_on_admission: Mapped[int] = mapped_column(SmallInteger, comment="0 member, 1 poor, 2 five-guarantee.")
    status_on_discharge: Mapped[int] = mapped_column(SmallInteger, comment="0 member, 1 poor, 2 five-guarantee.")
    is_supplemented: Mapped[int] = mapped_column(SmallInteger, comment="1 where supplementary insurance is held.")
    cost_fen: Mapped[int] = fen("Cost the member bears before compensation, in fen.")
    class_a_fen: Mapped[int] = fen("Class A after price limits and reductions, in fen.")
    class_b_fen: Mapped[int] = fen("Class B after price limits and reductions, in fen.")
    class_c_fen: Mapped[int] = fen("Class C after price limits and reductions, in fen.")
    schedule_hash: Mapped[str] = mapped_column(Text, comment="Content hash of the schedule used.")
    before_covered_fen: Mapped[int] = fen("Covered above the deductible before it, in fen.")
    before_pool_paid_fen: Mapped[int] = fen("Paid by the pooled fund before it, in fen.")
    before_burden_fen: Mapped[int] = fen("Eligible and left to the member before it, in fen.")
    before_serious_paid_fen: Mapped[int] = fen("Paid by serious-illness insurance before it, in fen.")
    before_supplementary_paid_fen: Mapped[int] = fen("Paid by supplementary insurance before it, in fen.")
    before_assistance_paid_fen: Mapped[int] = fen("Proposed as medical assistance before it, in fen.")
    eligible_fen: Mapped[int] = fen("Eligible cost, in fen.")
    above_deductible_fen: Mapped[int] = fen("Above the deductible, in fen.")
    base_fen: Mapped[int] = fen("Pooled fund without the top-up of the poor, in fen.")
    top_up_fen: Mapped[int] = fen("Top-up of the poor, from the pooled fund, in fen.")
    serious_fen: Mapped[int] = fen("Serious-illness insurance, in fen.")
    supplementary_fen: Mapped[int] = fen("Supplementary insurance, in fen.")
    assistance_fen: Mapped[int] = fen("Medical assistance as proposed, in fen.")
    benefits_fen: Mapped[int] = fen("All benefits together, in fen.")
    member_pays_fen: Mapped[int] = fen("Left to the member, in fen.")
    decided_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was decided.")
    decided_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null for a rule.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "member_id", "year", "settlement_no"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_settlement_county_code_claim_id",
        ),
        CheckConstraint("settlement_no > 0 AND tier BETWEEN 1 AND 3", name="numbers"),
        CheckConstraint(
            "status_on_admission BETWEEN 0 AND 2 AND status_on_discharge BETWEEN 0 AND 2 "
            "AND is_supplemented BETWEEN 0 AND 1",
            name="person",
        ),
        CheckConstraint(
            "cost_fen >= 0 AND class_a_fen >= 0 AND class_b_fen >= 0 AND class_c_fen >= 0", name="input_amounts"
        ),
        CheckConstraint(
            "benefits_fen = base_fen + top_up_fen + serious_fen + supplementary_fen + assistance_fen", name="benefits"
        ),
        CheckConstraint(
            "CASE WHEN reverses_settlement_id = 0 THEN benefits_fen + member_pays_fen = cost_fen "
            "AND least(base_fen, top_up_fen, serious_fen, supplementary_fen, assistance_fen, member_pays_fen) >= 0 "
            "ELSE benefits_fen + member_pays_fen = - cost_fen "
            "AND greatest(base_fen, top_up_fen, serious_fen, supplementary_fen, assistance_fen, member_pays_fen) <= 0 "
            "END",
            name="never_more_than_the_cost",
        ),
        Index(
            "uq_settlement_one_reversal",
            "county_code",
            "reverses_settlement_id",
            unique=True,
            postgresql_where=text("reverses_settlement_id <> 0"),
        ),
        Index(None, "county_code", "claim_id"),
        {"schema": "contractor", "comment": "Decisions in money, and their reversals; each keeps its number for good."},
    )
