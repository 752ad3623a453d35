"""What the trail keeps of a batch: each act with its totals and the fingerprint of what it says."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.payments.tables import PaymentBatch

STREAM = "payments"


def note(
    session: Session, act: str, county_code: str, batch_id: int, *, by: int, at: dt.datetime, **facts: object
) -> None:
    entry = Entry(
        act=act, subject_kind="batch", subject_id=str(batch_id), by=Actor(ActorKind.STAFF, str(by)), facts=facts
    )
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)


def note_totals(session: Session, act: str, batch: PaymentBatch, *, by: int, at: dt.datetime, **facts: object) -> None:
    assert batch.content_sha256 is not None, "a submitted batch has its fingerprint"
    totals = {"payments": batch.payment_count, "total_fen": batch.total_fen, "content": batch.content_sha256.hex()}
    note(session, act, batch.county_code, batch.id, by=by, at=at, **totals, **facts)
