"""A schedule that was in force turns out wrong: a corrected version takes the very same days (decision 0050).

It is entered from the committee's document and confirmed by the director like any other (0026), and it names the one it
corrects and what was wrong with it. The wrong one stays: what was decided by it and taken back is still held to it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.errors import NotFound
from chassis.law.approved import approval_of as in_rulebook_words
from oversight.registry.schedules import queries
from oversight.registry.schedules.queries import state_of
from oversight.registry.schedules.refusals import (
    ApprovalNotInThisState,
    ApprovedInTheFuture,
    CorrectionWaits,
    CorrectsNothing,
    LawMovedOn,
)
from oversight.registry.schedules.tables import ScheduleApproval
from rulebook.registry import check_versions
from rulebook.rule_shapes import SHAPES
from rulebook.schedule import Schedule

CORRECTABLE = ("in_force", "past")


@dataclass(frozen=True)
class Correction:
    """What the committee's document on the correction says, and what was wrong in our own words."""

    reason: str
    committee: str
    approved_on: dt.date
    document: str
    document_sha256: str | None = None


def propose_correction(
    session: Session,
    approval_id: int,
    schedule: Schedule,
    correction: Correction,
    *,
    county_code: str,
    by: int,
    at: dt.datetime,
) -> ScheduleApproval:
    """Enter a corrected version of a schedule that is or was in force. It changes nothing until it is confirmed.

    Raises:
        NotFound, ApprovedInTheFuture.
        ApprovalNotInThisState: it never was in force, or was corrected before.
        CorrectsNothing: the corrected version is the same.
        CorrectionWaits: another correction of it waits for the director.
        NotInForce: a rule that no scheme can be without does not hold yet on its first day.
    """
    today = local_day(at)
    wrong = queries.lock_law_of(session, county_code).get(approval_id)
    if wrong is None:
        raise NotFound(kind="schedule_approval")
    if state_of(wrong, on=today) not in CORRECTABLE:
        raise ApprovalNotInThisState(expected="in_force", found=state_of(wrong, on=today))
    if correction.approved_on > today:
        raise ApprovedInTheFuture(approved_on=correction.approved_on, today=today)
    if schedule.content_hash == wrong.content_hash:
        raise CorrectsNothing(document=wrong.document)
    a = ScheduleApproval
    waits = select(a.document).where(
        a.county_code == county_code, a.corrects_id == approval_id, a.confirmed_at.is_(None), a.withdrawn_at.is_(None)
    )
    if (waiting := session.scalar(waits.limit(1))) is not None:
        raise CorrectionWaits(document=waiting)
    for rule, shape in SHAPES.items():
        if shape.is_required:
            schedule.value(rule, wrong.in_force_from)
    values = {
        "county_code": county_code,
        "scheme_key": schedule.key,
        "content_hash": schedule.content_hash,
        "canonical": schedule.canonical,
        "in_force_from": wrong.in_force_from,
        "in_force_until": wrong.in_force_until,
        "corrects_id": approval_id,
        "correction_reason": correction.reason,
        "committee": correction.committee,
        "approved_on": correction.approved_on,
        "document": correction.document,
        "document_sha256": correction.document_sha256,
        "proposed_by": by,
        "proposed_at": at,
    }
    new_id = session.execute(insert(a).values(values).returning(a.id)).scalar_one()
    return session.get_one(a, (county_code, new_id))


def take_its_days(session: Session, row: ScheduleApproval, *, at: dt.datetime) -> None:
    """From now on the corrected version is in force on all days of the wrong one, and that one on none.

    The caller holds the county's approvals and confirms the row in the same transaction. Raises: LawMovedOn.
    """
    assert row.corrects_id is not None, "it names the one it corrects"
    wrong = session.get_one(ScheduleApproval, (row.county_code, row.corrects_id))
    if wrong.corrected_at is not None:
        raise LawMovedOn(document=wrong.document)
    others = [one for one in queries.standing_of(session, row.county_code) if one is not wrong]
    wrong.corrected_by_id, wrong.corrected_at = row.id, at
    session.flush()
    # It hands over to the same successor on the same day.
    row.replaced_on, row.replaced_by_id = wrong.replaced_on, wrong.replaced_by_id
    session.flush()
    check_versions([*map(in_rulebook_words, others), in_rulebook_words(row)])
