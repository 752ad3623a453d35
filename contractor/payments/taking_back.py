"""A decision is taken back: what was planned and never batched is cancelled; what has left is told to be recovered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from chassis.errors import Refusal
from contractor.payments.moves import move_payments
from contractor.payments.tables import Payment
from contractor.recoveries.holding import OwedBackNow, hold_back
from rulebook.lifecycles.payment import E, S

# What the bank refused or sent back is somebody's to end first: reissued or called off, with its ledger.
ON_ITS_WAY = tuple(state.value for state in (S.IN_BATCH, S.SENT, S.IN_DOUBT, S.REFUSED_BY_BANK, S.RETURNED))


class PaymentOnItsWay(Refusal):
    """A payment of this claim is in a batch or at the bank; first its end, then the reversal. Facts: `payments`."""

    key = "payment_on_its_way"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Decisions of some claims that are reversed already: their settlements, or the entries of visits."""

    claims: Sequence[int]
    settlements: Sequence[int]
    entries: Sequence[int]


def take_back(
    session: Session, decisions: TakenBack, *, county_code: str, at: dt.datetime, by: int, reason: str
) -> list[OwedBackNow]:
    """Cancel what is planned for these decisions; what is paid is owed back. Raises: PaymentOnItsWay."""
    own = (
        Payment.claim_id.in_(list(decisions.claims)),
        or_(
            Payment.settlement_id.in_(list(decisions.settlements)),
            Payment.account_entry_id.in_(list(decisions.entries)),
        ),
    )
    on_its_way = session.scalars(
        select(Payment.id).where(Payment.county_code == county_code, *own, Payment.state.in_(ON_ITS_WAY))
    ).all()
    if on_its_way:
        raise PaymentOnItsWay(payments=sorted(on_its_way))
    move_payments(
        session, county_code, own[0] & own[1], E.CANCELLED, from_states=(S.PLANNED,), at=at, by=by, reason=reason
    )
    return hold_back(
        session,
        county_code=county_code,
        claims=decisions.claims,
        settlements=decisions.settlements,
        entries=decisions.entries,
        reason=reason,
        at=at,
        by=by,
    )
