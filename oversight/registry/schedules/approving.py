"""A schedule comes into force: entered from the committee's document, confirmed by a second person, or withdrawn.

A schedule without an end is replaced by the next one, from that one's first day; both are written together. Days that
had a law keep it: a new schedule takes the place of another from tomorrow at the earliest.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.errors import NotFound
from chassis.identity import proving
from chassis.identity.proving import Confirmed
from chassis.law.approved import approval_of as in_rulebook_words
from chassis.law.approved import content_of, period_of, schedule_of
from chassis.people.refusals import ShownOtherwise
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.visitors import Visitor
from oversight.registry.schedules import queries
from oversight.registry.schedules.correcting import Correction, propose_correction, take_its_days
from oversight.registry.schedules.queries import state_of
from oversight.registry.schedules.refusals import (
    ApprovalNotInThisState,
    ApprovedInTheFuture,
    ConfirmedByAnother,
    LawIsNotChangedBackwards,
    LawMovedOn,
)
from oversight.registry.schedules.tables import ScheduleApproval
from rulebook.periods import Period
from rulebook.registry import Approval, OverlappingVersions, check_versions
from rulebook.rule_shapes import SHAPES
from rulebook.schedule import Schedule

STREAM = "registry"


@dataclass(frozen=True)
class Decision:
    """What the committee's document says."""

    in_force_from: dt.date
    in_force_until: dt.date | None
    committee: str
    approved_on: dt.date
    document: str
    document_sha256: str | None = None


def propose(
    session: Session, schedule: Schedule, decision: Decision, *, county_code: str, by: int, at: dt.datetime
) -> ScheduleApproval:
    """Enter the committee's decision. It changes nothing until a second person has confirmed it.

    Raises:
        ApprovedInTheFuture, LawIsNotChangedBackwards.
        NotInForce: a rule that no scheme can be without does not hold yet on its first day.
        EmptyPeriod, OverlappingVersions, GapBetweenVersions.
    """
    today = local_day(at)
    if decision.approved_on > today:
        raise ApprovedInTheFuture(approved_on=decision.approved_on, today=today)
    for rule, shape in SHAPES.items():
        if shape.is_required:
            schedule.value(rule, decision.in_force_from)
    replaced = _ruling_on(queries.standing_of(session, county_code), decision.in_force_from)
    _check(session, county_code, decision, replaced, schedule.content_hash, today=today)
    values = {
        "county_code": county_code,
        "scheme_key": schedule.key,
        "content_hash": schedule.content_hash,
        "canonical": schedule.canonical,
        "in_force_from": decision.in_force_from,
        "in_force_until": decision.in_force_until,
        "replaces_id": replaced.id if replaced else None,
        "committee": decision.committee,
        "approved_on": decision.approved_on,
        "document": decision.document,
        "document_sha256": decision.document_sha256,
        "proposed_by": by,
        "proposed_at": at,
    }
    new_id = session.execute(insert(ScheduleApproval).values(values).returning(ScheduleApproval.id)).scalar_one()
    row = session.get_one(ScheduleApproval, (county_code, new_id))
    _note(session, "schedule_proposed", row, by=by, at=at, replaces=row.replaces_id)
    return row


def propose_corrected(
    session: Session,
    approval_id: int,
    schedule: Schedule,
    correction: Correction,
    *,
    county_code: str,
    by: int,
    at: dt.datetime,
) -> ScheduleApproval:
    """Enter a corrected version of one that is or was in force, for the same days. Raises: as `propose_correction`."""
    row = propose_correction(session, approval_id, schedule, correction, county_code=county_code, by=by, at=at)
    told = {"corrects": approval_id, "reason_sha256": hashlib.sha256(correction.reason.encode()).hexdigest()}
    _note(session, "schedule_proposed", row, by=by, at=at, **told)
    return row


def confirm(
    session: Session,
    visitor: Visitor,
    confirmed: Confirmed,
    *,
    approval_id: int,
    shown_sha256: bytes,
    at: dt.datetime,
) -> ScheduleApproval:
    """The second person has compared it with the document; the county's law is changed from its first day.

    Raises:
        ConfirmedByAnother, ApprovalNotInThisState, LawMovedOn, LawIsNotChangedBackwards.
        AlteredSchedule: the text kept with it is not the one that was entered.
        ShownOtherwise: what was confirmed is not what stands there.
        ProofMissing: no fresh proof of identity for it.
        OverlappingVersions, GapBetweenVersions.
    """
    row = _locked(session, visitor.county_code, approval_id, expected="proposed", on=local_day(at))
    if row.proposed_by == visitor.person_id:
        raise ConfirmedByAnother()
    if content_of(row) != shown_sha256:
        raise ShownOtherwise()
    proving.prove(session, visitor, confirmed, shown_sha256=shown_sha256, at=at)
    proof = proving.use_proof(session, visitor, shown_sha256=shown_sha256, at=at)
    return put_in_force(
        session,
        county_code=visitor.county_code,
        approval_id=approval_id,
        shown_sha256=shown_sha256,
        proof=proof,
        by=visitor.person_id,
        at=at,
    )


def put_in_force(
    session: Session,
    *,
    county_code: str,
    approval_id: int,
    shown_sha256: bytes,
    proof: int | None,
    by: int,
    at: dt.datetime,
) -> ScheduleApproval:
    """What `confirm` does once identity is proved; without a proof, for the demo's own county alone."""
    today = local_day(at)
    row = _locked(session, county_code, approval_id, expected="proposed", on=today)
    schedule_of(row)
    if row.corrects_id is not None:
        take_its_days(session, row, at=at)
    else:
        _take_its_place(session, row, today=today)
    row.confirmed_by, row.confirmed_at, row.confirmed_sha256 = by, at, shown_sha256
    session.flush()
    _note(
        session,
        "schedule_confirmed",
        row,
        by=by,
        at=at,
        shown=shown_sha256.hex(),
        proof=proof,
        replaces=row.replaces_id,
        corrects=row.corrects_id,
    )
    return row


def _take_its_place(session: Session, row: ScheduleApproval, *, today: dt.date) -> None:
    """Raises: LawMovedOn, LawIsNotChangedBackwards, OverlappingVersions, GapBetweenVersions."""
    county_code = row.county_code
    replaced = _ruling_on(queries.standing_of(session, county_code), row.in_force_from)
    if (replaced.id if replaced else None) != row.replaces_id:
        named = queries.approval_of(session, county_code, row.replaces_id) if row.replaces_id else None
        raise LawMovedOn(document=named.document if named else "")
    _check(session, county_code, row, replaced, row.content_hash, today=today)
    if replaced is not None:
        replaced.replaced_on, replaced.replaced_by_id = row.in_force_from, row.id
        session.flush()


def withdraw(
    session: Session, *, county_code: str, approval_id: int, reason: str, by: int, at: dt.datetime
) -> ScheduleApproval:
    """Take back what waits for a second person, or decline to confirm it. One person may."""
    row = _locked(session, county_code, approval_id, expected="proposed", on=local_day(at))
    _withdraw(session, row, "schedule_withdrawn", reason=reason, by=by, at=at)
    return row


def take_back(
    session: Session, *, county_code: str, approval_id: int, reason: str, by: int, at: dt.datetime
) -> ScheduleApproval:
    """A confirmed schedule is called off before its first day; the one it would have replaced goes on.

    Raises:
        ApprovalNotInThisState: it is in force, or never was confirmed.
        OverlappingVersions, GapBetweenVersions: another schedule builds on it and must be called off first.
    """
    row = _locked(session, county_code, approval_id, expected="confirmed", on=local_day(at))
    standing = queries.standing_of(session, county_code)
    # The one it replaced, or the corrected version of it.
    replaced = next((one for one in standing if one.replaced_by_id == row.id), None)
    others = [one for one in standing if one.id != row.id and one is not replaced]
    going_on = [replace(in_rulebook_words(replaced), ends_on=replaced.in_force_until)] if replaced else []
    check_versions([*map(in_rulebook_words, others), *going_on])
    _withdraw(session, row, "schedule_taken_back", reason=reason, by=by, at=at)
    if replaced is not None:
        replaced.replaced_on = replaced.replaced_by_id = None
        session.flush()
    return row


def _ruling_on(standing: Iterable[ScheduleApproval], day: dt.date) -> ScheduleApproval | None:
    return next((row for row in standing if day in period_of(row)), None)


def _check(
    session: Session,
    county_code: str,
    decision: Decision | ScheduleApproval,
    replaced: ScheduleApproval | None,
    content_hash: str,
    *,
    today: dt.date,
) -> None:
    """The county's law with the new schedule in it has one schedule for each day, and no day's law is changed."""
    new = Approval(
        county_code=county_code,
        content_hash=content_hash,
        document=decision.document,
        approved_by=decision.committee,
        approved_on=decision.approved_on,
        takes_effect_on=decision.in_force_from,
        ends_on=decision.in_force_until,
    )
    others = [row for row in queries.standing_of(session, county_code) if row is not replaced]
    shortened = []
    if replaced is not None:
        if decision.in_force_from == replaced.in_force_from:
            raise OverlappingVersions(county_code=county_code, first=replaced.document, second=decision.document)
        if decision.in_force_from <= today:
            raise LawIsNotChangedBackwards(document=replaced.document, today=today)
        shortened = [replace(in_rulebook_words(replaced), ends_on=decision.in_force_from)]
    check_versions([*map(in_rulebook_words, others), *shortened, new])


def _locked(session: Session, county_code: str, approval_id: int, *, expected: str, on: dt.date) -> ScheduleApproval:
    row = queries.lock_law_of(session, county_code).get(approval_id)
    if row is None:
        raise NotFound(kind="schedule_approval")
    if state_of(row, on=on) != expected:
        raise ApprovalNotInThisState(expected=expected, found=state_of(row, on=on))
    return row


def _withdraw(session: Session, row: ScheduleApproval, act: str, *, reason: str, by: int, at: dt.datetime) -> None:
    row.withdrawn_by, row.withdrawn_at, row.withdraw_reason = by, at, reason
    session.flush()
    # What a person wrote stays out of the trail; its hash ties the record to it.
    _note(session, act, row, by=by, at=at, reason_sha256=hashlib.sha256(reason.encode()).hexdigest())


def _note(session: Session, act: str, row: ScheduleApproval, *, by: int, at: dt.datetime, **facts: object) -> None:
    period = Period(row.in_force_from, row.in_force_until)
    entry = Entry(
        act=act,
        subject_kind="schedule_approval",
        subject_id=str(row.id),
        by=Actor(ActorKind.STAFF, str(by)),
        facts={
            "scheme": row.scheme_key,
            "schedule": row.content_hash,
            "from_on": period.start.isoformat(),
            "until_on": period.end.isoformat() if period.end else None,
            "document_sha256": row.document_sha256,
            **facts,
        },
    )
    append(session, county_code=row.county_code, stream=STREAM, entries=[entry], at=at)
