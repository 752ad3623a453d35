"""The demo's people: accounts that are active at once, with a password said openly and the roles of the demo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from chassis.authorisation import matrix
from chassis.errors import Misconfigured
from chassis.identity import passwords, people_trail
from chassis.identity.accounts import pinyin_of
from chassis.identity.roles import roles_of
from chassis.identity.tables import RoleGrant, Staff
from chassis.settings import Settings


class DemoPerson(Protocol):
    @property
    def sign_in_name(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def roles(self) -> Sequence[str]: ...
    @property
    def scopes(self) -> Mapping[str, str]: ...


REASON = "demo"


def ensure_demo_staff(
    session: Session,
    *,
    county_code: str,
    people: Sequence[DemoPerson],
    at: dt.datetime,
    settings: Settings,
) -> dict[str, int]:
    """Make the accounts and grants that are missing; returns sign-in name → `staff.id`. Twice, it changes nothing."""
    if settings.is_production:
        raise Misconfigured("The demo's people have a password that is printed: never in production.")
    hashes = dict.fromkeys((person.password for person in people), "")
    known = {s.sign_in_name: s.id for s in session.scalars(select(Staff).where(Staff.county_code == county_code))}
    for person in people:
        if person.sign_in_name not in known:
            # One hash for one published password: a salt of each one's own would hide nothing here.
            hashes[person.password] = hashes[person.password] or passwords.hash_password(settings, person.password)
            known[person.sign_in_name] = _activated(session, county_code, person, hashes[person.password], at=at)
    for person in people:
        _grant_missing(session, county_code, known[person.sign_in_name], person, at=at)
    return known


def _activated(session: Session, county_code: str, person: DemoPerson, hashed: str, *, at: dt.datetime) -> int:
    values = {
        "county_code": county_code,
        "sign_in_name": person.sign_in_name,
        "name": person.name,
        "name_pinyin": pinyin_of(person.name),
        "status": "active",
        "password_hash": hashed,
        "password_set_at": at,
        "invited_at": at,
        "activated_at": at,
        "status_changed_at": at,
    }
    staff_id = session.execute(insert(Staff).values(values).returning(Staff.id)).scalar_one()
    people_trail.note(session, "made_for_demo", county_code=county_code, staff_id=staff_id, by=None, at=at)
    return staff_id


def _grant_missing(session: Session, county_code: str, staff_id: int, person: DemoPerson, *, at: dt.datetime) -> None:
    held = roles_of(session, county_code, staff_id, at)
    for role in person.roles:
        if role in held:
            continue
        proposer, decider = _two_others(session, staff_id)
        session.execute(
            insert(RoleGrant).values(
                county_code=county_code,
                staff_id=staff_id,
                role=role,
                scope=person.scopes.get(role),
                proposed_by=proposer,
                proposed_at=at,
                reason=REASON,
                decided_by=decider,
                decided_at=at,
                decision="approved",
            )
        )
        people_trail.note(
            session, "role_granted", county_code=county_code, staff_id=staff_id, by=decider, at=at, role=role
        )


def _two_others(session: Session, staff_id: int) -> tuple[int, int]:
    """Two people of the desk to have proposed and decided: its administrators where it has them yet."""
    three = [key for key, role in matrix().roles.items() if role.kind == "administration"]
    administrators = select(RoleGrant.staff_id).where(RoleGrant.role.in_(three))
    others = (
        select(Staff.id).where(Staff.id != staff_id).order_by(Staff.id.in_(administrators).desc(), Staff.id).limit(2)
    )
    proposer, decider = session.scalars(others).all()
    return proposer, decider
