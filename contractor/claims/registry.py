"""Reads of what the county publishes of its registry, for the claims of a chunk; each is one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy.orm import Session

from contractor.claims.arrays import numbers_text
from contractor.claims.statements import statement


class KnownMember(NamedTuple):
    id: int
    household_id: int
    township_code: str


class KnownInstitution(NamedTuple):
    tier: int
    has_account: bool


class KnownItem(NamedTuple):
    """What the catalogue says of an item in one period. Limits by tier from 1; -1 where there is none."""

    from_on: dt.date
    until_on: dt.date
    name: str
    catalogue_class: int
    kind: str
    reserved_sex: str | None
    limits_e4: tuple[int, int, int, int]


class KnownPerson(NamedTuple):
    sex: str
    born_on: dt.date
    died_on: dt.date | None
    has_account: bool


Period = tuple[dt.date, dt.date]


def members_by_card(session: Session, county_code: str, cards: Collection[str]) -> dict[str, KnownMember]:
    rows = session.execute(
        statement(
            "SELECT card_number, id, household_id, township_code FROM registry.published_member "
            "WHERE county_code = :county_code AND card_number = ANY(:cards)"
        ),
        {"county_code": county_code, "cards": list(cards)},
    ).all()
    return {row[0]: KnownMember(*row[1:]) for row in rows}


def persons(session: Session, county_code: str, member_ids: Collection[int]) -> dict[int, KnownPerson]:
    """Members by number: sex, birth, death, and whether the registry holds an account to pay to."""
    rows = session.execute(
        statement(
            "SELECT m.id, m.sex, m.born_on, d.died_on, m.bank_account_sealed IS NOT NULL "
            "FROM registry.published_member AS m "
            "LEFT JOIN registry.published_death AS d ON d.county_code = m.county_code AND d.member_id = m.id "
            "WHERE m.county_code = :county_code AND m.id = ANY(CAST(:ids AS bigint[]))"
        ),
        {"county_code": county_code, "ids": numbers_text(member_ids)},
    ).all()
    return {row[0]: KnownPerson(*row[1:]) for row in rows}


def institutions(session: Session, county_code: str, codes: Collection[str]) -> dict[str, KnownInstitution]:
    """Institutions by code."""
    rows = session.execute(
        statement(
            "SELECT institution_code, tier, bank_account_sealed IS NOT NULL FROM registry.published_institution "
            "WHERE county_code = :county_code AND institution_code = ANY(:codes)"
        ),
        {"county_code": county_code, "codes": list(codes)},
    ).all()
    return {row[0]: KnownInstitution(*row[1:]) for row in rows}


def agreements(session: Session, county_code: str, codes: Collection[str]) -> dict[str, list[Period]]:
    """When each institution was designated."""
    rows = session.execute(
        statement(
            "SELECT institution_code, from_on, until_on "
            "FROM registry.published_agreement "
            "WHERE county_code = :county_code AND institution_code = ANY(:codes) ORDER BY institution_code, from_on"
        ),
        {"county_code": county_code, "codes": list(codes)},
    ).all()
    found: dict[str, list[Period]] = {}
    for code, from_on, until_on in rows:
        found.setdefault(code, []).append((from_on, until_on or dt.date.max))
    return found


def items(session: Session, county_code: str, codes: Collection[str]) -> dict[str, list[KnownItem]]:
    """What the catalogue says of items, each in its periods."""
    rows = session.execute(
        statement(
            "SELECT item_code, from_on, until_on, name, catalogue_class, kind, reserved_sex, "
            "coalesce(limit_township_e4, -1), "
            "coalesce(limit_county_e4, -1), coalesce(limit_above_e4, -1) FROM registry.published_catalogue_item "
            "WHERE county_code = :county_code AND item_code = ANY(:codes) ORDER BY item_code, from_on"
        ),
        {"county_code": county_code, "codes": list(codes)},
    ).all()
    found: dict[str, list[KnownItem]] = {}
    for code, from_on, until_on, *facts, township, county, above in rows:
        item = KnownItem(from_on, until_on or dt.date.max, *facts, limits_e4=(-1, township, county, above))
        found.setdefault(code, []).append(item)
    return found


def enrolments(
    session: Session, county_code: str, member_ids: Collection[int]
) -> dict[tuple[int, int, str], tuple[dt.date, int]]:
    """(member, year, kind) with the first day it covers and the household that enrolled."""
    rows = session.execute(
        statement(
            "SELECT member_id, year, kind, enrolled_on, household_id FROM registry.published_enrolment "
            "WHERE county_code = :county_code AND member_id = ANY(CAST(:ids AS bigint[]))"
        ),
        {"county_code": county_code, "ids": numbers_text(member_ids)},
    )
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}


def statuses(
    session: Session, county_code: str, member_ids: Collection[int]
) -> dict[int, list[tuple[dt.date, dt.date, str]]]:
    """Periods in which members were poor or five-guarantee."""
    rows = session.execute(
        statement(
            "SELECT member_id, status, from_on, until_on FROM registry.published_member_status "
            "WHERE county_code = :county_code AND member_id = ANY(CAST(:ids AS bigint[]))"
        ),
        {"county_code": county_code, "ids": numbers_text(member_ids)},
    ).all()
    found: dict[int, list[tuple[dt.date, dt.date, str]]] = {}
    for member_id, status, from_on, until_on in rows:
        found.setdefault(member_id, []).append((from_on, until_on or dt.date.max, status))
    return found


class Slip(NamedTuple):
    member_id: int
    to_institution_code: str
    valid_from_on: dt.date
    valid_until_on: dt.date


def slips(session: Session, county_code: str, numbers: Collection[str]) -> dict[str, Slip]:
    """Referral slips by number."""
    if not numbers:
        return {}
    rows = session.execute(
        statement(
            "SELECT slip_number, member_id, to_institution_code, valid_from_on, valid_until_on "
            "FROM registry.published_referral WHERE county_code = :county_code AND slip_number = ANY(:numbers)"
        ),
        {"county_code": county_code, "numbers": list(numbers)},
    ).all()
    return {row[0]: Slip(*row[1:]) for row in rows}
