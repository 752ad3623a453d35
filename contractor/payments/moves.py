"""A move of a payment or a batch: asked of the lifecycle, then written. The database asks again and keeps history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chassis.errors import NotFound, StaleVersion
from contractor.payments.refusals import BatchNotInThisState, PaymentNotInThisState
from contractor.payments.tables import Payment, PaymentBatch
from rulebook.lifecycles import BATCH, PAYMENT, IllegalMove
from rulebook.lifecycles.batch import E as BatchEvents
from rulebook.lifecycles.batch import S as BatchStates
from rulebook.lifecycles.payment import E as PaymentEvents
from rulebook.lifecycles.payment import S as PaymentStates


def locked_batch(session: Session, county_code: str, batch_id: int, *, version: int | None = None) -> PaymentBatch:
    """The batch, ours until the transaction ends.

    Raises:
        NotFound, StaleVersion: `version` is the one its reader saw.
    """
    batch = session.scalars(
        select(PaymentBatch)
        .where(PaymentBatch.county_code == county_code, PaymentBatch.id == batch_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if batch is None:
        raise NotFound(kind="payment_batch", batch=batch_id)
    if version is not None and batch.version != version:
        raise StaleVersion(batch=batch_id, seen=version, found=batch.version)
    return batch


def state_after(batch: PaymentBatch, event: BatchEvents) -> BatchStates:
    """Where the event leads this batch. Raises: BatchNotInThisState."""
    try:
        return BATCH.after(BatchStates(batch.state), event)
    except IllegalMove as refusal:
        raise BatchNotInThisState(batch=batch.id, state=batch.state, event=event.value) from refusal


def move_batch(
    session: Session,
    batch: PaymentBatch,
    event: BatchEvents,
    *,
    at: dt.datetime,
    by: int | None = None,
    reason: str | None = None,
    **changed: Any,
) -> None:
    """Raises: BatchNotInThisState."""
    after = state_after(batch, event)
    batch.state, batch.version = after.value, batch.version + 1
    batch.last_event, batch.last_event_at, batch.last_event_by, batch.last_reason = event.value, at, by, reason
    for name, value in changed.items():
        setattr(batch, name, value)
    session.flush()


def move_payments(
    session: Session,
    county_code: str,
    which: Any,
    event: PaymentEvents,
    *,
    from_states: Sequence[PaymentStates],
    at: dt.datetime,
    by: int | None = None,
    reason: Any = None,
    **changed: Any,
) -> list[int]:
    """Move every payment that `which` names and that is in one of these states; returns the numbers of the moved.

    One statement however many. `which` is a condition on Payment; `reason` may be an expression.
    """
    after = {PAYMENT.after(state, event) for state in from_states}
    assert len(after) == 1, "one event leads these states to one state"
    return sorted(
        session.scalars(
            update(Payment)
            .where(Payment.county_code == county_code, Payment.state.in_([s.value for s in from_states]), which)
            .values(
                state=after.pop().value,
                version=Payment.version + 1,
                last_event=event.value,
                last_event_at=at,
                last_event_by=by,
                last_reason=reason,
                **changed,
            )
            .returning(Payment.id)
            .execution_options(synchronize_session=False)
        )
    )


def locked_payment(session: Session, county_code: str, payment_id: int, *states: PaymentStates) -> Payment:
    """The payment, ours until the transaction ends. Raises: NotFound, PaymentNotInThisState."""
    payment = session.scalars(
        select(Payment)
        .where(Payment.county_code == county_code, Payment.id == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if payment is None:
        raise NotFound(kind="payment", payment=payment_id)
    if payment.state not in states:
        raise PaymentNotInThisState(payment=payment_id, state=payment.state, expected=[s.value for s in states])
    return payment
