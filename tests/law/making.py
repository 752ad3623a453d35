"""The committee's decisions and the people who enter and confirm them: one valid thing each."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from chassis.identity import sessions
from chassis.identity.proving import Confirmed
from chassis.law.approved import content_of
from chassis.visitors import Visitor
from demo import county
from oversight.registry.schedules import approving
from oversight.registry.schedules.approving import Decision
from oversight.registry.schedules.tables import ScheduleApproval
from rulebook.schedule import Schedule
from rulebook.schedule_files import load_schedule, schedules_on_file
from tests.authorisation.people import person, signed_in
from tests.rulebook.hand_cases import FOLDERS

AT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
TODAY, TOMORROW = dt.date(2026, 11, 20), dt.date(2026, 11, 21)
COUNTY, OTHER = "990121", "990122"
REGISTRAR, DIRECTOR = 900_001, 900_002
BALIN, ZHENGZHOU = schedules_on_file()["balin_zuoqi"], schedules_on_file()["zhengzhou"]
RIVER = load_schedule(FOLDERS["river_county"])
"""Of the tests alone: it is in no folder of the house, and one of its rules is repealed."""


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def decision(from_on: str, until_on: str | None = None, **changes) -> Decision:
    values = {
        "in_force_from": day(from_on),
        "in_force_until": day(until_on) if until_on else None,
        "committee": "试验县合作医疗管理委员会",
        "approved_on": day("2010-01-04"),
        "document": f"试〔{from_on[:4]}〕{from_on[5:7]}{from_on[8:]}号",
    }
    return Decision(**(values | changes))


def proposed(
    session: Session,
    schedule: Schedule,
    from_on: str,
    until_on: str | None = None,
    *,
    county_code: str = COUNTY,
    at: dt.datetime = AT,
    **changes,
) -> ScheduleApproval:
    told = decision(from_on, until_on, **changes)
    return approving.propose(session, schedule, told, county_code=county_code, by=REGISTRAR, at=at)


def put_in_force(session: Session, row: ScheduleApproval, *, at: dt.datetime = AT) -> ScheduleApproval:
    return approving.put_in_force(
        session,
        county_code=row.county_code,
        approval_id=row.id,
        shown_sha256=content_of(row),
        proof=None,
        by=DIRECTOR,
        at=at,
    )


def in_force(session: Session, schedule: Schedule, from_on: str, until_on: str | None = None, **more):
    """Entered and confirmed."""
    return put_in_force(session, proposed(session, schedule, from_on, until_on, **more))


def counties(session: Session) -> None:
    county.write_divisions(session)


def director(session: Session, *, county_code: str = COUNTY, name: str = "law-director") -> tuple[Visitor, Confirmed]:
    """Signed in, stepped up, and just asked for the password."""
    staff_id = person(session, county_code, name, at=AT)
    session_id = sessions.session_id_of(session, signed_in(session, county_code, staff_id, at=AT, stepped_up=True))
    visitor = Visitor(
        desk_key="county",
        county_code=county_code,
        person_id=staff_id,
        session_id=session_id,
        name="试验员",
        roles=frozenset({"director"}),
        stepped_up_until=AT + dt.timedelta(minutes=5),
    )
    return visitor, Confirmed(session_id, AT)
