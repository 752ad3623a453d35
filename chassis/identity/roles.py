"""Which roles a person holds at this moment: read on every request, so that an ended grant ends at once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from chassis.identity.tables import RoleGrant


def roles_of(session: Session, county_code: str, staff_id: int, at: dt.datetime) -> dict[str, str | None]:
    """Role key → what it is limited to, of the grants in force: `{"reviewer": None, "township": "410122101"}`."""
    g = RoleGrant
    in_force = (
        select(g.role, g.scope)
        .where(g.county_code == county_code, g.staff_id == staff_id, g.decision == "approved", g.decided_at <= at)
        .where(or_(g.ended_at.is_(None), g.ended_at > at))
    )
    return {role: scope for role, scope in session.execute(in_force).all()}  # noqa: C416 – says what is what
