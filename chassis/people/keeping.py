"""Keeping the people of a desk: a name corrected, an invitation withdrawn, an account taken back, a leaving."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from chassis.errors import NotFound, StaleVersion
from chassis.identity import accounts, people_trail
from chassis.identity.accounts import Invited
from chassis.identity.queries import staff_of
from chassis.identity.refusals import NotInThisState, NotOneself
from chassis.identity.roles import roles_of
from chassis.identity.tables import Invitation, Staff
from chassis.people import granting
from chassis.people.queries import standing_invitation
from chassis.people.refusals import NoOpenInvitation, NotYoursToRecover
from chassis.visitors import Visitor


def rename(
    session: Session,
    *,
    county_code: str,
    staff_id: int,
    version: int,
    name: str,
    name_pinyin: str,
    by: int,
    at: dt.datetime,
) -> Staff:
    """Correct a name and the key it is sorted by.

    Raises:
        StaleVersion: somebody changed the account since the page was shown.
        NotOneself: nobody renames themselves.
    """
    if staff_id == by:
        raise NotOneself()
    staff = staff_of(session, county_code, staff_id, lock=True)
    if staff is None:
        raise NotFound(staff=staff_id)
    if staff.version != version:
        raise StaleVersion(expected=version, found=staff.version)
    if staff.status == "left":
        raise NotInThisState(expected=["invited", "active", "suspended"], found=staff.status)
    staff.name = name
    staff.name_pinyin = name_pinyin
    staff.version += 1
    session.flush()
    people_trail.note(session, "renamed", county_code=county_code, staff_id=staff_id, by=by, at=at)
    return staff


def withdraw_invitation(session: Session, *, county_code: str, staff_id: int, by: int, at: dt.datetime) -> None:
    """The address that was handed out opens nothing from now on."""
    if staff_id == by:
        raise NotOneself()
    if staff_of(session, county_code, staff_id, lock=True) is None:
        raise NotFound(staff=staff_id)
    standing = standing_invitation(session, county_code, staff_id, at=at)
    if standing is None:
        raise NoOpenInvitation()
    i = Invitation
    session.execute(
        update(i)
        .where(i.county_code == county_code, i.staff_id == staff_id, i.used_at.is_(None), i.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
    )
    people_trail.note(session, "invitation_withdrawn", county_code=county_code, staff_id=staff_id, by=by, at=at)


def recover(session: Session, visitor: Visitor, *, staff_id: int, at: dt.datetime) -> Invited:
    """An address for somebody who lost everything. Whoever hands it out could use it, so no officer gets another
    officer's: one person would then be both of the two who grant a role."""
    if staff_of(session, visitor.county_code, staff_id, lock=True) is None:
        raise NotFound(staff=staff_id)
    is_officer = "security_officer" in roles_of(session, visitor.county_code, staff_id, at)
    if ("administrator" if is_officer else "security_officer") not in visitor.roles:
        raise NotYoursToRecover()
    return accounts.issue_recovery(
        session, county_code=visitor.county_code, staff_id=staff_id, by=visitor.person_id, at=at
    )


def leave(
    session: Session, *, county_code: str, staff_id: int, version: int, reason: str, by: int, at: dt.datetime
) -> Staff:
    """The person works here no more: the account shuts for good, and every role and proposal ends with it."""
    staff = accounts.end_employment(
        session, county_code=county_code, staff_id=staff_id, version=version, reason=reason, by=by, at=at
    )
    granting.end_all(session, staff, reason=reason, by=by, at=at)
    return staff
