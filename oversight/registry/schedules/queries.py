"""Reads of the approvals of schedules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.visitors import Visitor
from oversight.registry.schedules.tables import ScheduleApproval

CONFIRMS = "director"


def approvals_of(session: Session, county_codes: Sequence[str]) -> Sequence[ScheduleApproval]:
    """Every approval of these counties, the newest law first: what waits and what was withdrawn included."""
    a = ScheduleApproval
    return session.scalars(
        select(a).where(a.county_code.in_(county_codes)).order_by(a.county_code, a.in_force_from.desc(), a.id.desc())
    ).all()


def standing_of(session: Session, county_code: str) -> list[ScheduleApproval]:
    """The confirmed approvals of a county that were not corrected, in the order of their days: its law."""
    return [row for row in confirmed_of(session, county_code) if row.corrected_at is None]


def confirmed_of(session: Session, county_code: str) -> list[ScheduleApproval]:
    """The same with those that were found wrong: what was decided by them is still held to them."""
    a = ScheduleApproval
    confirmed = select(a).where(a.county_code == county_code, a.confirmed_at.is_not(None), a.withdrawn_at.is_(None))
    return list(session.scalars(confirmed.order_by(a.in_force_from, a.id)).all())


def approval_of(session: Session, county_code: str, approval_id: int) -> ScheduleApproval | None:
    return session.get(ScheduleApproval, (county_code, approval_id))


def lock_law_of(session: Session, county_code: str) -> dict[int, ScheduleApproval]:
    """All approvals of a county, ours until the transaction ends, so that two confirmations wait for each other."""
    a = ScheduleApproval
    locked = select(a).where(a.county_code == county_code).order_by(a.id).with_for_update()
    return {row.id: row for row in session.scalars(locked.execution_options(populate_existing=True))}


def waiting_for_visitor(session: Session, visitor: Visitor) -> int:
    """How many wait for this visitor to confirm; none where they may not."""
    if CONFIRMS not in visitor.roles:
        return 0
    a = ScheduleApproval
    waiting = select(func.count()).where(
        a.county_code == visitor.county_code,
        a.confirmed_at.is_(None),
        a.withdrawn_at.is_(None),
        a.proposed_by != visitor.person_id,
    )
    return session.execute(waiting).scalar_one()


def state_of(row: ScheduleApproval, *, on: dt.date) -> str:
    """`proposed`, `withdrawn`, `confirmed` (its first day is still to come), `in_force`, `past` or `corrected`."""
    if row.corrected_at is not None:
        return "corrected"
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.confirmed_at is None:
        return "proposed"
    if on < row.in_force_from:
        return "confirmed"
    ends = [day for day in (row.in_force_until, row.replaced_on) if day is not None]
    return "in_force" if not ends or on < min(ends) else "past"
