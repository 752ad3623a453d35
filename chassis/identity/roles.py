"""Which roles a person holds at this moment: read on every request, so that an ended grant ends at once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import Session

from chassis.identity.tables import RoleGrant, Staff


def roles_of(session: Session, county_code: str, staff_id: int, at: dt.datetime) -> dict[str, str | None]:
    """Role key → what it is limited to, of the grants in force: `{"reviewer": None, "township": "410122101"}`."""
    in_force = grants_in_force(at).where(RoleGrant.county_code == county_code, RoleGrant.staff_id == staff_id)
    in_force = in_force.with_only_columns(RoleGrant.role, RoleGrant.scope)
    return {role: scope for role, scope in session.execute(in_force).all()}  # noqa: C416 – says what is what


def roles_held(at: ColumnElement[dt.datetime]) -> ScalarSelect[dict[str, str | None] | None]:
    """The same beside a person of `Staff`, as JSON in the same statement; null: none."""
    own = grants_in_force(at).where(RoleGrant.county_code == Staff.county_code, RoleGrant.staff_id == Staff.id)
    return own.with_only_columns(func.json_object_agg(RoleGrant.role, RoleGrant.scope)).scalar_subquery()


def grants_in_force(at: dt.datetime | ColumnElement[dt.datetime]) -> Select:
    """(county_code, staff_id, role, scope) of what is held at a moment."""
    g = RoleGrant
    return (
        select(g.county_code, g.staff_id, g.role, g.scope)
        .where(g.decision == "approved", g.decided_at <= at)
        .where(or_(g.ended_at.is_(None), g.ended_at > at))
    )
