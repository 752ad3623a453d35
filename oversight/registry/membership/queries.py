"""Reads of one member's enrolment, status and death."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from oversight.registry.membership.tables import Death, Enrolment, MemberStatus


def enrolments_of(session: Session, county_code: str, member_id: int) -> Sequence[Enrolment]:
    """The newest year first; the scheme before what stands on top of it."""
    e = Enrolment
    return session.scalars(
        select(e).where(e.county_code == county_code, e.member_id == member_id).order_by(e.year.desc(), e.kind)
    ).all()


def statuses_of(session: Session, county_code: str, member_id: int) -> Sequence[MemberStatus]:
    """The newest first."""
    s = MemberStatus
    return session.scalars(
        select(s).where(s.county_code == county_code, s.member_id == member_id).order_by(s.from_on.desc())
    ).all()


def death_of(session: Session, county_code: str, member_id: int) -> Death | None:
    """As it was reported, withdrawn or not."""
    return session.get(Death, (county_code, member_id))
