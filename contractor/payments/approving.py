"""The second person's word on a batch, by the fingerprint of exactly what they were shown, and the task that sends it.

The checker is shown the fingerprint of `contractor.batch_content`, retypes its last four characters and proves anew
who they are (DESIGN). The database computes the fingerprint again and refuses any other.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from chassis.identity import proving
from chassis.identity.proving import Confirmed
from chassis.people.refusals import ShownOtherwise
from chassis.queue.outbox import post as post_task
from chassis.visitors import Visitor
from contractor.payments.batch_trail import note_totals
from contractor.payments.batches import content_sha256
from contractor.payments.moves import locked_batch, move_batch
from contractor.payments.queries import server_timeline
from contractor.payments.refusals import CheckedByAnother
from contractor.payments.tables import Payment, PaymentBatch
from rulebook.lifecycles.batch import E


def approve(
    session: Session,
    visitor: Visitor,
    confirmed: Confirmed,
    *,
    batch_id: int,
    shown_sha256: bytes,
    at: dt.datetime,
) -> PaymentBatch:
    """The second person's word, with a fresh proof of who they are, on exactly what they were shown.

    Raises:
        CheckedByAnother, ShownOtherwise, BatchNotInThisState, ProofMissing.
    """
    proving.prove(session, visitor, confirmed, shown_sha256=shown_sha256, at=at)
    proof = proving.use_proof(session, visitor, shown_sha256=shown_sha256, at=at)
    return approve_proved(
        session,
        county_code=visitor.county_code,
        batch_id=batch_id,
        shown_sha256=shown_sha256,
        proof=proof,
        by=visitor.person_id,
        at=at,
    )


def approve_proved(
    session: Session,
    *,
    county_code: str,
    batch_id: int,
    shown_sha256: bytes,
    proof: int | None,
    by: int,
    at: dt.datetime,
) -> PaymentBatch:
    """What `approve` does once identity is proved; without a proof, for the demo's own county alone.

    The task that sends the batch is posted in the same transaction.
    """
    batch = locked_batch(session, county_code, batch_id)
    if by in (batch.made_by, batch.submitted_by) or has_reissued(session, batch, by):
        raise CheckedByAnother()
    if shown_sha256 != content_sha256(session, county_code, batch_id):
        raise ShownOtherwise()
    round_ = batch.approval_no + 1
    move_batch(
        session,
        batch,
        E.APPROVED,
        at=at,
        by=by,
        approved_by=by,
        approved_at=at,
        approved_sha256=shown_sha256,
        approval_no=round_,
        message_id=message_id(county_code, server_timeline(session), batch_id, round_),
    )
    note_totals(session, "batch.approved", batch, by=by, at=at, proof=proof, shown=shown_sha256.hex())
    ask_to_send(session, batch, at=at)
    return batch


def ask_to_send(session: Session, batch: PaymentBatch, *, at: dt.datetime) -> None:
    """Have the worker send it. The version is the key: an approved batch is asked for once in each of its states."""
    post_task(
        session,
        county_code=batch.county_code,
        kind="payments.send",
        payload={"batch": batch.id},
        at=at,
        natural_key=f"{batch.id}/{batch.version}/{at.timestamp():.0f}",
    )


def message_id(county_code: str, timeline: int, batch_id: int, round_: int) -> str:
    """What the bank calls the file of this approval; the database refuses any other."""
    return f"CM{county_code}T{timeline:03d}B{batch_id:010d}A{round_:02d}"


def has_reissued(session: Session, batch: PaymentBatch, by: int) -> bool:
    """Whether this person has reissued a payment that is in the batch."""
    part = select(Payment.id).where(
        Payment.county_code == batch.county_code, Payment.batch_id == batch.id, Payment.planned_by == by
    )
    return bool(session.scalar(select(exists(part))))
