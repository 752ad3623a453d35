"""Batches: made by one person of payments of one fund to one kind of payee, and closed for another to approve."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session

from contractor.payments.batch_trail import note, note_totals
from contractor.payments.held import NOT_HELD
from contractor.payments.moves import locked_batch, move_batch, move_payments, state_after
from contractor.payments.queries import may_be_with_the_bank
from contractor.payments.refusals import BankMayHaveIt, NothingToBatch
from contractor.payments.tables import Payment, PaymentBatch
from rulebook.lifecycles.batch import E
from rulebook.lifecycles.payment import E as PaymentEvents
from rulebook.lifecycles.payment import S as PaymentStates

MOST_PAYMENTS = 10_000
"""A batch of more is no longer looked at by anybody."""


@dataclass(frozen=True, slots=True)
class Group:
    """What a batch may hold together: one fund, and the institutions, one of them, or the members."""

    fund: str
    payee_kind: str
    institution_code: str | None = None


def make_batches(
    session: Session,
    groups: Sequence[Group],
    *,
    county_code: str,
    by: int,
    at: dt.datetime,
    most: int = MOST_PAYMENTS,
) -> list[int]:
    """Put the planned payments of each group into batches of at most `most`; returns the new batches' numbers.

    Raises:
        NothingToBatch: no payment of these groups waits.
    """
    made: list[int] = []
    for group in groups:
        while _waiting(session, county_code, group):
            values = {
                "county_code": county_code,
                "fund": group.fund,
                "payee_kind": group.payee_kind,
                "institution_code": group.institution_code,
                "made_by": by,
                "made_at": at,
            }
            batch_id = session.scalars(insert(PaymentBatch).values(values).returning(PaymentBatch.id)).one()
            # Two cashiers at once share the payments out between them instead of waiting for each other.
            chosen = (
                select(Payment.id)
                .where(*_of(county_code, group))
                .order_by(Payment.id)
                .limit(most)
                .with_for_update(skip_locked=True)
            )
            moved = move_payments(
                session,
                county_code,
                # As an array it is chosen once: joined, a planner without statistics chooses anew for every row.
                Payment.id == func.any(func.array(chosen.scalar_subquery())),
                PaymentEvents.PUT_IN_BATCH,
                from_states=[PaymentStates.PLANNED],
                at=at,
                by=by,
                batch_id=batch_id,
            )
            if not moved:
                discard(session, county_code=county_code, batch_id=batch_id, reason="another took them", by=by, at=at)
                break
            note(session, "batch.made", county_code, batch_id, by=by, at=at, payments=len(moved), fund=group.fund)
            made.append(batch_id)
    if not made:
        raise NothingToBatch()
    return made


def groups_waiting(session: Session, county_code: str) -> list[Group]:
    """Every group that has a planned payment; institutions of one fund go together."""
    columns = (Payment.fund, Payment.payee_kind)
    rows = session.execute(
        select(*columns)
        .where(Payment.county_code == county_code, Payment.state == PaymentStates.PLANNED.value, NOT_HELD)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [Group(*row) for row in rows]


def take_out(
    session: Session, payment_ids: Sequence[int], *, county_code: str, batch_id: int, by: int, at: dt.datetime
) -> int:
    """Take payments out of a draft; they wait for another batch."""
    locked_batch(session, county_code, batch_id)
    moved = move_payments(
        session,
        county_code,
        (Payment.batch_id == batch_id) & Payment.id.in_(payment_ids),
        PaymentEvents.TAKEN_OUT,
        from_states=[PaymentStates.IN_BATCH],
        at=at,
        by=by,
        batch_id=None,
    )
    return len(moved)


def submit(
    session: Session, *, county_code: str, batch_id: int, by: int, at: dt.datetime, version: int | None = None
) -> PaymentBatch:
    """Close the draft: its count, sum and fingerprint stand from here on, and so do its payments.

    Raises:
        BatchNotInThisState, StaleVersion; NothingToBatch: it holds nothing.
    """
    batch = locked_batch(session, county_code, batch_id, version=version)
    count, total_fen = session.execute(
        select(func.count(), func.coalesce(func.sum(Payment.amount_fen), 0)).where(
            Payment.county_code == county_code, Payment.batch_id == batch_id
        )
    ).one()
    if not count:
        raise NothingToBatch()
    move_batch(
        session,
        batch,
        E.SUBMITTED,
        at=at,
        by=by,
        payment_count=count,
        total_fen=int(total_fen),
        submitted_by=by,
        submitted_at=at,
        content_sha256=content_sha256(session, county_code, batch_id),
    )
    note_totals(session, "batch.submitted", batch, by=by, at=at)
    return batch


def send_back(
    session: Session,
    *,
    county_code: str,
    batch_id: int,
    reason: str,
    by: int,
    at: dt.datetime,
    version: int | None = None,
) -> PaymentBatch:
    """The checker gives it back to its maker, who may change and submit it again."""
    batch = locked_batch(session, county_code, batch_id, version=version)
    _open_again(session, batch, E.SENT_BACK, reason=reason, by=by, at=at)
    return batch


def withdraw_approval(
    session: Session, *, county_code: str, batch_id: int, reason: str, by: int, at: dt.datetime
) -> PaymentBatch:
    """An approved batch that has not left is a draft again; it needs a new approval.

    Raises: BatchNotInThisState, BankMayHaveIt.
    """
    batch = locked_batch(session, county_code, batch_id)
    state_after(batch, E.APPROVAL_WITHDRAWN)
    if may_be_with_the_bank(session, batch):
        raise BankMayHaveIt(batch=batch_id)
    _open_again(session, batch, E.APPROVAL_WITHDRAWN, reason=reason, by=by, at=at)
    return batch


def discard(
    session: Session, *, county_code: str, batch_id: int, reason: str, by: int, at: dt.datetime
) -> PaymentBatch:
    """A draft is given up; its payments wait for another batch."""
    batch = locked_batch(session, county_code, batch_id)
    state_after(batch, E.DISCARDED)  # Refused before its payments are touched.
    in_it = select(Payment.id).where(Payment.county_code == county_code, Payment.batch_id == batch_id)
    if session.scalar(select(exists(in_it))):
        take_out(session, list(session.scalars(in_it)), county_code=county_code, batch_id=batch_id, by=by, at=at)
    move_batch(session, batch, E.DISCARDED, at=at, by=by, reason=reason)
    note(session, "batch.discarded", county_code, batch_id, by=by, at=at)
    return batch


def content_sha256(session: Session, county_code: str, batch_id: int) -> bytes:
    """The fingerprint of what the batch says now, as the database computes it."""
    return bytes(session.scalar(select(func.contractor.batch_content_sha256(county_code, batch_id))))


def _open_again(session: Session, batch: PaymentBatch, event: E, *, reason: str, by: int, at: dt.datetime) -> None:
    submission = ("submitted_by", "submitted_at", "content_sha256")
    approval = ("approved_by", "approved_at", "approved_sha256") if event is E.APPROVAL_WITHDRAWN else ()
    closed = dict.fromkeys(submission + approval)
    move_batch(session, batch, event, at=at, by=by, reason=reason, payment_count=0, total_fen=0, **closed)
    note(session, f"batch.{event.value}", batch.county_code, batch.id, by=by, at=at)


def _of(county_code: str, group: Group):
    return (
        Payment.county_code == county_code,
        Payment.state == PaymentStates.PLANNED.value,
        Payment.fund == group.fund,
        Payment.payee_kind == group.payee_kind,
        *([Payment.institution_code == group.institution_code] if group.institution_code else []),
        NOT_HELD,
    )


def _waiting(session: Session, county_code: str, group: Group) -> bool:
    return bool(session.scalar(select(exists(select(Payment.id).where(*_of(county_code, group))))))
