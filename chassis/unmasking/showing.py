"""Show one sealed number in full: the record and its link in the trail are written before the text is handed back."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy import Integer, func, literal, select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.unmasking.refusals import QuotaUsedUp, ReasonTooLong, ReasonTooShort
from chassis.unmasking.tables import LEAST_REASON_CHARACTERS, MOST_REASON_CHARACTERS, Unmasking
from chassis.vault.keyring import Keyring
from chassis.vault.masking import Masked, reveal
from chassis.visitors import Visitor

# ASSUMPTION: a clerk at a counter looks at a few numbers a day; thirty is a full day of it, and a list it is not.
DAILY_QUOTA = 30
STREAM = "unmasking"
LOCK_SPACE = 7_401_007  # transaction-level advisory lock, with the person's number


@dataclass(frozen=True)
class Subject:
    """Whose number it is."""

    kind: str
    county_code: str
    id: int


def unmask(
    session: Session,
    keyring: Keyring,
    sealed: Masked,
    *,
    subject: Subject,
    field: str,
    by: Visitor,
    reason: str,
    at: dt.datetime,
) -> str:
    """The number itself, for one look.

    Raises:
        ReasonTooShort, ReasonTooLong: nothing was shown, nothing was written.
        QuotaUsedUp: likewise.
    """
    reason = " ".join(reason.split())
    if len(reason) < LEAST_REASON_CHARACTERS:
        raise ReasonTooShort(least=LEAST_REASON_CHARACTERS, found=len(reason))
    if len(reason) > MOST_REASON_CHARACTERS:
        raise ReasonTooLong(most=MOST_REASON_CHARACTERS, found=len(reason))
    on = local_day(at)
    _count_one_more(session, by, on)
    record = Unmasking(
        county_code=by.county_code,
        staff_id=by.person_id,
        at=at,
        on=on,
        subject_kind=subject.kind,
        subject_county_code=subject.county_code,
        subject_id=subject.id,
        field=field,
        reason=reason,
    )
    session.add(record)
    session.flush()
    entry = Entry(
        act="unmasked",
        subject_kind=subject.kind,
        subject_id=str(subject.id),
        by=Actor(ActorKind.STAFF, str(by.person_id)),
        # What a person wrote stays out of the trail; its hash ties the record to it.
        facts={
            "unmasking": record.id,
            "county": subject.county_code,
            "field": field,
            "reason_sha256": hashlib.sha256(reason.encode()).hexdigest(),
        },
    )
    append(session, county_code=by.county_code, stream=STREAM, entries=[entry], at=at)
    return reveal(sealed, keyring)


def _count_one_more(session: Session, by: Visitor, on: dt.date) -> None:
    """Two windows of one person wait for each other here, so that the last look of a day is taken once."""
    person = literal(by.person_id % 2**31, Integer)
    session.execute(select(func.pg_advisory_xact_lock(literal(LOCK_SPACE, Integer), person)))
    used = session.execute(
        select(func.count())
        .select_from(Unmasking)
        .where(Unmasking.county_code == by.county_code, Unmasking.staff_id == by.person_id, Unmasking.on == on)
    ).scalar_one()
    if used >= DAILY_QUOTA:
        raise QuotaUsedUp(quota=DAILY_QUOTA)
