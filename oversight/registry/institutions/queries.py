"""Reads of institutions and referrals, page by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from oversight.registry.asking import PAGE, counted
from oversight.registry.institutions.tables import Agreement, Institution, Referral
from oversight.registry.tables import Member, Township


@dataclass(frozen=True)
class InstitutionsAsked:
    county_codes: Sequence[str]
    on: dt.date
    """The day on which "designated" is asked."""
    text: str = ""
    tier: str = ""
    designated: str = ""
    """yes, no, or empty: either"""


@dataclass(frozen=True)
class ReferralsAsked:
    county_codes: Sequence[str]
    slip: str = ""
    card: str = ""
    institution: str = ""
    on: dt.date | None = None


def institutions_page(
    session: Session, asked: InstitutionsAsked, *, after: Sequence[str] | None
) -> tuple[Sequence[Row[Any]], int, bool]:
    """(Institution, Agreement in force on the day or None, Township or None) by county and code; count; is more."""
    wanted = _institutions(select(Institution, Agreement, Township), asked)
    total = counted(session, _institutions(select(Institution.institution_code), asked))
    if after is not None:
        wanted = wanted.where(tuple_(Institution.county_code, Institution.institution_code) > tuple_(*after))
    rows = session.execute(wanted.order_by(Institution.county_code, Institution.institution_code).limit(PAGE + 1)).all()
    return rows[:PAGE], total, len(rows) > PAGE


def referrals_page(
    session: Session, asked: ReferralsAsked, *, after: Sequence[str] | None
) -> tuple[Sequence[Row[Any]], int, bool]:
    """(Referral, Member, institution it comes from, and goes to), the newest first; the count; is there more."""
    sender, receiver = aliased(Institution), aliased(Institution)
    wanted = (
        _referrals(select(Referral, Member, sender, receiver), asked)
        .join(sender, _is(sender, Referral.from_institution_code))
        .join(receiver, _is(receiver, Referral.to_institution_code))
    )
    total = counted(session, _referrals(select(Referral.id), asked))
    if after is not None:
        day = dt.date.fromisoformat(after[0])
        wanted = wanted.where(tuple_(Referral.valid_from_on, Referral.id) < tuple_(day, int(after[1])))
    rows = session.execute(wanted.order_by(Referral.valid_from_on.desc(), Referral.id.desc()).limit(PAGE + 1)).all()
    return rows[:PAGE], total, len(rows) > PAGE


def referrals_of(session: Session, county_code: str, member_id: int) -> Sequence[Row[Any]]:
    """(Referral, from, to) of one member, the newest first."""
    sender, receiver = aliased(Institution), aliased(Institution)
    return session.execute(
        select(Referral, sender, receiver)
        .join(sender, _is(sender, Referral.from_institution_code))
        .join(receiver, _is(receiver, Referral.to_institution_code))
        .where(Referral.county_code == county_code, Referral.member_id == member_id)
        .order_by(Referral.valid_from_on.desc(), Referral.id.desc())
    ).all()


def _is(institution: Any, code: Any) -> Any:
    return and_(institution.county_code == Referral.county_code, institution.institution_code == code)


def _institutions(statement: Select[Any], asked: InstitutionsAsked) -> Select[Any]:
    in_force = and_(
        Agreement.county_code == Institution.county_code,
        Agreement.institution_code == Institution.institution_code,
        Agreement.from_on <= asked.on,
        or_(Agreement.until_on.is_(None), Agreement.until_on > asked.on),
    )
    statement = (
        statement.select_from(Institution)
        .outerjoin(Agreement, in_force)
        .outerjoin(
            Township,
            and_(Township.county_code == Institution.county_code, Township.code == Institution.township_code),
        )
        .where(Institution.county_code.in_(list(asked.county_codes)))
    )
    if asked.text:
        statement = statement.where(
            or_(
                Institution.name_zh.contains(asked.text, autoescape=True),
                Institution.name_en.icontains(asked.text, autoescape=True),
                Institution.institution_code.startswith(asked.text, autoescape=True),
            )
        )
    if asked.tier:
        statement = statement.where(Institution.tier == int(asked.tier))
    if asked.designated:
        statement = statement.where(Agreement.id.is_not(None) if asked.designated == "yes" else Agreement.id.is_(None))
    return statement


def _referrals(statement: Select[Any], asked: ReferralsAsked) -> Select[Any]:
    statement = (
        statement.select_from(Referral)
        .join(Member, and_(Member.county_code == Referral.county_code, Member.id == Referral.member_id))
        .where(Referral.county_code.in_(list(asked.county_codes)))
    )
    if asked.slip:
        statement = statement.where(Referral.slip_number.startswith(asked.slip, autoescape=True))
    if asked.card:
        # Clerks type the tail of a card; a whole number is a tail as well.
        statement = statement.where(Member.card_number.endswith(asked.card, autoescape=True))
    if asked.institution:
        named = or_(
            Referral.from_institution_code == asked.institution, Referral.to_institution_code == asked.institution
        )
        statement = statement.where(named)
    if asked.on is not None:
        statement = statement.where(Referral.valid_from_on <= asked.on, Referral.valid_until_on > asked.on)
    return statement
