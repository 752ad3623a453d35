"""Who looked at what: by person and day for those who watch, by record for the page of the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, Select, and_, func, select, tuple_
from sqlalchemy.orm import Session

from chassis.identity.tables import Staff
from chassis.unmasking.tables import Unmasking

SHOWN_ON_RECORD = 50
LONGEST_SPAN_DAYS = 366


@dataclass(frozen=True)
class LogPage:
    rows: Sequence[Row] = field(repr=False)
    """(Unmasking, name of who looked), newest first."""
    next_before: int | None


def looks_by_day(
    session: Session, county_code: str, *, start: dt.date, end: dt.date, staff_id: int | None = None
) -> Sequence[Row]:
    """(on, staff_id, name, looks, subjects) for start <= on < end, the busiest of a day first.

    `subjects` is how many different people were looked at: many looks at one record are less odd than one at many.
    """
    u = Unmasking
    statement = (
        select(
            u.on,
            u.staff_id,
            Staff.name,
            func.count().label("looks"),
            func.count(func.distinct(tuple_(u.subject_kind, u.subject_county_code, u.subject_id))).label("subjects"),
        )
        .join(Staff, _is_staff_of(u))
        .where(u.county_code == county_code, u.on >= start, u.on < end)
        .group_by(u.on, u.staff_id, Staff.name)
        .order_by(u.on.desc(), func.count().desc(), u.staff_id)
    )
    return session.execute(_of(statement, staff_id)).all()


def log_page(
    session: Session,
    county_code: str,
    *,
    start: dt.date,
    end: dt.date,
    staff_id: int | None,
    before: int | None,
    size: int,
) -> LogPage:
    u = Unmasking
    statement = (
        select(u, Staff.name)
        .join(Staff, _is_staff_of(u))
        .where(u.county_code == county_code, u.on >= start, u.on < end)
        .order_by(u.id.desc())
        .limit(size + 1)
    )
    if before is not None:
        statement = statement.where(u.id < before)
    rows = session.execute(_of(statement, staff_id)).all()
    return LogPage(rows[:size], rows[size - 1][0].id if len(rows) > size else None)


def people_who_looked(session: Session, county_code: str) -> Sequence[Row]:
    """(id, name) of everybody who ever looked, by name."""
    return session.execute(
        select(Staff.id, Staff.name)
        .where(
            Staff.county_code == county_code,
            Staff.id.in_(select(Unmasking.staff_id).where(Unmasking.county_code == county_code)),
        )
        .order_by(Staff.name_pinyin)
    ).all()


def looks_at(session: Session, *, kind: str, county_code: str, subject_id: int) -> Sequence[Row]:
    """(Unmasking, name of who looked) of one record, newest first."""
    u = Unmasking
    return session.execute(
        select(u, Staff.name)
        .join(Staff, _is_staff_of(u))
        .where(u.subject_county_code == county_code, u.subject_kind == kind, u.subject_id == subject_id)
        .order_by(u.id.desc())
        .limit(SHOWN_ON_RECORD)
    ).all()


def used_today(session: Session, county_code: str, staff_id: int, on: dt.date) -> int:
    u = Unmasking
    return session.execute(
        select(func.count()).select_from(u).where(u.county_code == county_code, u.staff_id == staff_id, u.on == on)
    ).scalar_one()


def _is_staff_of(u: type[Unmasking]):
    return and_(Staff.county_code == u.county_code, Staff.id == u.staff_id)


def _of(statement: Select, staff_id: int | None) -> Select:
    return statement if staff_id is None else statement.where(Unmasking.staff_id == staff_id)
