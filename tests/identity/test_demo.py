"""The demo's people sign in at once, and filling twice changes nothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select

from chassis.errors import Misconfigured
from chassis.identity import passwords
from chassis.identity.demo import ensure_demo_staff
from chassis.identity.passwords import check_password
from chassis.identity.roles import roles_of
from chassis.identity.tables import RoleGrant, Staff
from tests.identity.conftest import AT
from tests.sites import COUNTY


@dataclass
class Clerk:
    sign_in_name: str
    name: str
    roles: tuple[str, ...]
    password: str = "coopmed-demo-2026"
    scopes: dict[str, str] = field(default_factory=dict)


PEOPLE = [
    Clerk("reviewer", "韩梅", ("reviewer",)),
    Clerk("township", "马兰", ("township",), scopes={"township": "330110101"}),
    Clerk("security", "安宁", ("security_officer",)),
    Clerk("admin", "严守中", ("administrator",)),
    Clerk("logs", "简明", ("log_auditor",)),
]


def test_the_demos_people_are_active_with_their_roles(session, settings):
    ids = ensure_demo_staff(session, county_code=COUNTY, people=PEOPLE, at=AT, settings=settings)
    assert roles_of(session, COUNTY, ids["reviewer"], AT) == {"reviewer": None}
    assert roles_of(session, COUNTY, ids["township"], AT) == {"township": "330110101"}
    staff = session.scalars(select(Staff).where(Staff.sign_in_name == "reviewer")).one()
    assert staff.status == "active"
    assert check_password(settings, staff.password_hash, "coopmed-demo-2026").is_right


def test_filling_twice_changes_nothing(session, settings):
    first = ensure_demo_staff(session, county_code=COUNTY, people=PEOPLE, at=AT, settings=settings)
    again = ensure_demo_staff(session, county_code=COUNTY, people=PEOPLE, at=AT, settings=settings)
    assert first == again
    assert session.scalar(select(func.count()).select_from(Staff)) == len(PEOPLE)
    assert session.scalar(select(func.count()).select_from(RoleGrant)) == len(PEOPLE)


def test_a_printed_password_never_gets_into_production(session, settings, monkeypatch):
    monkeypatch.setattr(passwords, "MEMORY_KIB", 64)
    production = dataclasses.replace(settings, environment="production")
    with pytest.raises(Misconfigured):
        ensure_demo_staff(session, county_code=COUNTY, people=PEOPLE, at=AT, settings=production)
    assert session.scalars(select(Staff)).all() == []
