"""The law of the demo's counties: each committee has approved one of the two schemes on file, long ago."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.identity.tables import Staff
from chassis.law.approved import content_of
from demo.county import COUNTY, OTHER_COUNTY
from oversight.registry.schedules import approving, queries
from oversight.registry.schedules.approving import Decision
from rulebook.schedule_files import schedules_on_file

APPROVED = {
    COUNTY: (
        "zhengzhou",
        Decision(
            dt.date(2011, 1, 1), None, "青禾县新型农村合作医疗管理委员会", dt.date(2010, 12, 15), "青合管委〔2010〕3号"
        ),
        ("registrar", "director"),
    ),
    OTHER_COUNTY: (
        "balin_zuoqi",
        Decision(
            dt.date(2007, 1, 1), None, "柳溪县新型农村合作医疗管理委员会", dt.date(2006, 11, 28), "柳合管委〔2006〕1号"
        ),
        ("registrar-liuxi", "director-liuxi"),
    ),
}


def ensure_law(session: Session, county_code: str, *, at: dt.datetime) -> None:
    """Entered by the registrar, confirmed by the director. A county that has a law keeps it."""
    if queries.approvals_of(session, [county_code]):
        return
    scheme, decision, (enters, confirms) = APPROVED[county_code]
    row = approving.propose(
        session,
        schedules_on_file()[scheme],
        decision,
        county_code=county_code,
        by=_staff(session, county_code, enters),
        at=at,
    )
    approving.put_in_force(
        session,
        county_code=county_code,
        approval_id=row.id,
        shown_sha256=content_of(row),
        proof=None,
        by=_staff(session, county_code, confirms),
        at=at,
    )


def _staff(session: Session, county_code: str, sign_in_name: str) -> int:
    return session.scalars(
        select(Staff.id).where(Staff.county_code == county_code, Staff.sign_in_name == sign_in_name)
    ).one()
