"""Second review: each county's policy, what was proposed and said under it, and staff's own households."""

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
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)
DECISIONS = "'approve', 'refuse'"


def _fen(comment: str):
    return mapped_column(BigInteger, comment=comment)


class StaffHousehold(HouseBase):
    __tablename__ = "staff_household"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of both.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the declaration.")
    staff_id: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of whose household it is.")
    household_id: Mapped[int] = mapped_column(BigInteger, comment="The household (registry.published_member).")
    relation: Mapped[str] = mapped_column(Text, comment="own: they live in it; kin: a near relative does.")
    declared_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was declared.")
    declared_by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of who entered it.")
    ended_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it ended; null while it holds.")
    ended_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who ended it.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("relation IN ('own', 'kin')", name="relation"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("ended_by <> staff_id AND declared_by <> staff_id", name="entered_by_another"),
        Index(
            "uq_staff_household_declared_once",
            "county_code",
            "staff_id",
            "household_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"schema": "contractor", "comment": "Households whose claims a member of staff may not decide."},
    )


class ReviewPolicy(HouseBase):
    __tablename__ = "review_policy"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County it holds for.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the policy.")
    from_on: Mapped[dt.date] = mapped_column(comment="First day it holds; the latest one begun holds.")
    limit_fen: Mapped[int] = _fen("What is at stake in one claim from which another person decides, in fen.")
    rolling_days: Mapped[int] = mapped_column(SmallInteger, comment="Days over which the rolling limits add up.")
    household_limit_fen: Mapped[int] = _fen("The same for all claims of one household in these days, in fen.")
    payee_limit_fen: Mapped[int] = _fen("The same for all claims paid to one person's account, in fen.")
    is_on_critical: Mapped[bool] = mapped_column(comment="Whether a critical finding asks for another person.")
    share_ppm: Mapped[int] = mapped_column(comment="Share of all other decisions that is drawn, parts per million.")
    seed: Mapped[bytes] = mapped_column(BYTEA, comment="Random seed of the draw; whoever has it can draw again.")
    note: Mapped[str] = mapped_column(Text, comment="Why it is set so.")
    set_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was set.")
    set_by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of who set it.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("limit_fen > 0 AND household_limit_fen > 0 AND payee_limit_fen > 0", name="limits"),
        CheckConstraint("rolling_days BETWEEN 1 AND 366 AND share_ppm BETWEEN 0 AND 1000000", name="numbers"),
        CheckConstraint("octet_length(seed) = 32", name="seed"),
        Index(None, "county_code", "from_on"),
        {"schema": "contractor", "comment": "When a reviewer's decision waits for another person's, from a day on."},
    )


class ReviewProposal(HouseBase):
    __tablename__ = "review_proposal"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the proposal.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    claim_version: Mapped[int] = mapped_column(comment="Version of the claim the person saw.")
    proposed: Mapped[str] = mapped_column(Text, comment="approve or refuse.")
    reason_code: Mapped[str | None] = mapped_column(Text, comment="Of a refusal its reason.")
    note: Mapped[str | None] = mapped_column(Text, comment="What the person wrote.")
    stake_fen: Mapped[int] = _fen("What is at stake: benefits and what was taken off, in fen.")
    household_fen: Mapped[int] = _fen("The same for the household in the policy's days, this claim included.")
    payee_fen: Mapped[int] = _fen("The same for the payee's account; 0 where an institution is paid.")
    grounds: Mapped[list[str]] = mapped_column(
        ARRAY(Text), comment="Why another person decides: limit, household, payee, critical, drawn; empty: none does."
    )
    policy_id: Mapped[int | None] = mapped_column(BigInteger, comment="Policy it was judged by; null: none was set.")
    drawn_ppm: Mapped[int | None] = mapped_column(comment="The number drawn from the policy's seed; null: no policy.")
    proposed_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When.")
    proposed_by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of the first reviewer.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_review_proposal_county_code_claim_id",
        ),
        CheckConstraint(f"proposed IN ({DECISIONS})", name="proposed"),
        CheckConstraint("(proposed = 'refuse') = (reason_code IS NOT NULL)", name="reason"),
        CheckConstraint("stake_fen >= 0 AND household_fen >= 0 AND payee_fen >= 0", name="amounts"),
        CheckConstraint("grounds <@ ARRAY['limit', 'household', 'payee', 'critical', 'drawn']", name="grounds"),
        CheckConstraint("(policy_id IS NULL) = (drawn_ppm IS NULL)", name="drawn"),
        CheckConstraint("drawn_ppm BETWEEN 0 AND 999999", name="drawn_ppm"),
        Index(None, "county_code", "claim_id", "id"),
        {"schema": "contractor", "comment": "First reviewers' decisions, and whether each needed another person."},
    )


class ReviewOpinion(HouseBase):
    __tablename__ = "review_opinion"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    proposal_id: Mapped[int] = mapped_column(BigInteger, comment="The proposal it is on.")
    opinion_no: Mapped[int] = mapped_column(SmallInteger, comment="1 the second reviewer's, 2 the lead's.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    decided: Mapped[str] = mapped_column(Text, comment="approve, refuse, or return: the first reviewer works on.")
    agrees: Mapped[bool] = mapped_column(comment="Whether it is what the first reviewer proposed.")
    reason_code: Mapped[str | None] = mapped_column(Text, comment="Of a refusal its reason.")
    note: Mapped[str | None] = mapped_column(Text, comment="What the person wrote; a disagreement says why.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When.")
    by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of whose opinion it is.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "proposal_id", "opinion_no"),
        ForeignKeyConstraint(
            ["county_code", "proposal_id"], ["contractor.review_proposal.county_code", "contractor.review_proposal.id"]
        ),
        CheckConstraint("opinion_no BETWEEN 1 AND 2", name="opinion_no"),
        CheckConstraint(f"decided IN ({DECISIONS}, 'return')", name="decided"),
        CheckConstraint("agrees OR note IS NOT NULL", name="says_why"),
        CheckConstraint("(decided = 'refuse') = (reason_code IS NOT NULL)", name="reason"),
        Index(None, "county_code", "claim_id"),
        {"schema": "contractor", "comment": "What another reviewer, and then the lead, said of a proposal."},
    )
