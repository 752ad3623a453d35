"""The first people of a desk, who have nobody to propose them: installed once, from the server's command line.

They get exactly the roles of the three administrators (三员), with two security officers, because from then on every
role takes two. The database takes such a grant only where nobody has taken an account over yet (migration 0007).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from chassis.identity import accounts
from chassis.identity.accounts import Invited
from chassis.identity.people_trail import STREAM
from chassis.identity.tables import RoleGrant, Staff
from chassis.people.refusals import DeskHasPeople, NotTheFirstPeople
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry

THE_FIRST = ("administrator", "security_officer", "security_officer", "log_auditor")
COMMAND_LINE = Actor(ActorKind.SYSTEM, "command_line")
REASON = "first people of the desk"


@dataclass(frozen=True)
class FirstPerson:
    sign_in_name: str
    name: str
    role: str
    name_pinyin: str | None = None


def install_first_people(
    session: Session, *, county_code: str, people: Sequence[FirstPerson], at: dt.datetime
) -> list[tuple[FirstPerson, Invited]]:
    """Invite one administrator, two security officers and one log auditor, with their roles; returns the invitations.

    Raises:
        NotTheFirstPeople: other roles, or other numbers of them.
        DeskHasPeople: this desk of the county has somebody already.
        NameTaken: another county's people at this desk use the sign-in name.
    """
    if sorted(person.role for person in people) != sorted(THE_FIRST):
        raise NotTheFirstPeople(expected=sorted(THE_FIRST), found=sorted(person.role for person in people))
    if session.scalars(select(Staff.id).where(Staff.county_code == county_code).limit(1)).first() is not None:
        raise DeskHasPeople(county_code=county_code)
    return [(person, _install(session, county_code, person, at=at)) for person in people]


def _install(session: Session, county_code: str, person: FirstPerson, *, at: dt.datetime) -> Invited:
    invited = accounts.invite(
        session,
        None,
        county_code=county_code,
        sign_in_name=person.sign_in_name,
        name=person.name,
        name_pinyin=person.name_pinyin,
        by=None,
        at=at,
    )
    values = {
        "county_code": county_code,
        "staff_id": invited.staff_id,
        "role": person.role,
        "proposed_by": None,
        "proposed_at": at,
        "reason": REASON,
        "decided_by": None,
        "decided_at": at,
        "decision": "approved",
    }
    grant_id = session.execute(insert(RoleGrant).values(values).returning(RoleGrant.id)).scalar_one()
    entry = Entry(
        act="person.role_installed",
        subject_kind="staff",
        subject_id=str(invited.staff_id),
        by=COMMAND_LINE,
        facts={"grant": grant_id, "role": person.role},
    )
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return invited
