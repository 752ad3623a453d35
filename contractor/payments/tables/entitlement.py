"""Medical assistance as computed: a row and never a payment."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    Index,
    PrimaryKeyConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from contractor.payments.tables.columns import INSTANT, SCHEMA


class AssistanceEntitlement(HouseBase):
    __tablename__ = "assistance_entitlement"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    settlement_id: Mapped[int] = mapped_column(BigInteger, comment="Settlement that computed it.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="Claim it belongs to.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Who is entitled.")
    amount_fen: Mapped[int] = mapped_column(BigInteger, comment="What civil affairs is proposed to pay, in fen.")
    planned_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When the claim was decided.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "settlement_id"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        Index(None, "county_code", "member_id"),
        {
            "schema": SCHEMA,
            "comment": "Medical assistance as computed: civil affairs' money, which this desk never pays.",
        },
    )
