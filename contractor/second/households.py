"""Whose household is whose: entered by the administrator, so that nobody decides a claim of their own people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.identity.tables import Staff
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.claims.published import member
from contractor.second.refusals import DeclaredBefore, NoSuchCard, NotOneself
from contractor.second.tables import StaffHousehold

STREAM = "people"


def declare(
    session: Session, *, county_code: str, staff_id: int, card_number: str, relation: str, by: int, at: dt.datetime
) -> int:
    """A household by the card of any of its members. Raises: NotFound, NoSuchCard, DeclaredBefore, NotOneself."""
    if staff_id == by:
        raise NotOneself()
    if session.get(Staff, (county_code, staff_id)) is None:
        raise NotFound(kind="staff")
    m = member.c
    household_id = session.scalar(
        select(m.household_id).where(m.county_code == county_code, m.card_number == card_number.strip())
    )
    if household_id is None:
        raise NoSuchCard(card_number=card_number)
    s = StaffHousehold
    own = (s.county_code == county_code, s.staff_id == staff_id, s.household_id == household_id)
    known = session.scalar(select(s.id).where(*own, s.ended_at.is_(None)))
    if known is not None:
        raise DeclaredBefore(id=known)
    number = session.execute(
        insert(s)
        .values(
            county_code=county_code, staff_id=staff_id, household_id=household_id, relation=relation, declared_at=at,
            declared_by=by,
        )
        .returning(s.id)
    ).scalar_one()  # fmt: skip
    _note(session, county_code, "staff_household.declared", number, by=by, at=at, staff=staff_id)
    return int(number)


def end(session: Session, *, county_code: str, number: int, by: int, at: dt.datetime) -> None:
    """It does not hold any more. Raises: NotFound, NotOneself."""
    s = StaffHousehold
    own = (s.county_code == county_code, s.id == number, s.ended_at.is_(None))
    row = session.execute(select(s.staff_id).where(*own).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(kind="staff_household")
    if row.staff_id == by:
        raise NotOneself()
    session.execute(update(s).where(*own).values(ended_at=at, ended_by=by))
    _note(session, county_code, "staff_household.ended", number, by=by, at=at, staff=row.staff_id)


def declared(session: Session, county_code: str) -> Sequence[Row]:
    """Every declaration, those that hold first: id, person, household number, relation, when, until when."""
    s, m = StaffHousehold, member.c
    head = select(m.household_number).where(m.county_code == s.county_code, m.household_id == s.household_id).limit(1)
    asked = (
        select(
            s.id, s.staff_id, Staff.name, s.household_id, head.scalar_subquery().label("household_number"), s.relation,
            s.declared_at, s.declared_by, s.ended_at,
        )
        .join(Staff, (Staff.county_code == s.county_code) & (Staff.id == s.staff_id))
        .where(s.county_code == county_code)
        .order_by(s.ended_at.is_not(None), s.id.desc())
        .limit(500)
    )  # fmt: skip
    return session.execute(asked).all()


def _note(
    session: Session, county_code: str, act: str, number: int, *, by: int, at: dt.datetime, **facts: object
) -> None:
    entry = Entry(act, "staff_household", str(number), Actor(ActorKind.STAFF, str(by)), facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
