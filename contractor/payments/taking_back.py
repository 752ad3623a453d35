"""A decision is taken back: what was planned and never batched is cancelled; what has left is told to be recovered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import Refusal
from contractor.payments.moves import move_payments
from contractor.payments.tables import Payment
from rulebook.lifecycles.payment import E, S

ON_ITS_WAY = (S.IN_BATCH.value, S.SENT.value, S.IN_DOUBT.value)


class PaymentOnItsWay(Refusal):
    """A payment of this claim is in a batch or at the bank; first its end, then the reversal. Facts: `payments`."""

    key = "payment_on_its_way"


class Paid(NamedTuple):
    """Money that has reached its payee and is owed back."""

    payment_id: int
    fund: str
    payee_kind: str
    amount_fen: int


def take_back(
    session: Session, claim_ids: Sequence[int], *, county_code: str, at: dt.datetime, by: int | None, reason: str
) -> list[Paid]:
    """Cancel what of these claims is planned; what is paid is returned, to be recovered. Raises: PaymentOnItsWay."""
    move_payments(
        session, county_code, Payment.claim_id.in_(list(claim_ids)), E.CANCELLED,
        from_states=(S.PLANNED,), at=at, by=by, reason=reason,
    )  # fmt: skip
    rows = session.execute(
        select(Payment.id, Payment.fund, Payment.payee_kind, Payment.amount_fen, Payment.state)
        .where(Payment.county_code == county_code, Payment.claim_id.in_(list(claim_ids)))
        .order_by(Payment.id)
    ).all()
    if on_its_way := [row.id for row in rows if row.state in ON_ITS_WAY]:
        raise PaymentOnItsWay(payments=on_its_way)
    return [Paid(*row[:4]) for row in rows if row.state == S.PAID.value]
