"""What is due: claims of a file to assess, public notices that are over, papers that were not brought.

Each answers the next claims in the order of their numbers, with the versions a verb compares.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from contractor.claims.tables import Claim, ClaimFile
from rulebook.lifecycles.claim import S


def unassessed_of_file(
    session: Session, county_code: str, file_id: int, *, part: int = 0, parts: int = 1, after: int, limit: int
) -> list[int]:
    """The next claims of a file's part that no check has looked at. A household is wholly in one part."""
    c = Claim
    return list(
        session.scalars(
            select(c.id)
            .where(c.county_code == county_code, c.file_id == file_id, c.id > after, c.assessed_at.is_(None))
            .where(c.household_id % parts == part)
            .order_by(c.id)
            .limit(limit)
        )
    )


def claims_in_part(session: Session, county_code: str, file_id: int, *, part: int, parts: int) -> int:
    c = Claim
    return session.scalars(
        select(func.count()).where(c.county_code == county_code, c.file_id == file_id, c.household_id % parts == part)
    ).one()


def notices_over(session: Session, county_code: str, on: dt.date, *, after: int, limit: int) -> dict[int, int]:
    """Claims on public notice whose term is over: number and version."""
    c = Claim
    rows = session.execute(
        select(c.id, c.version)
        .where(c.county_code == county_code, c.state == S.ON_PUBLIC_NOTICE.value, c.id > after, c.notice_until_on <= on)
        .order_by(c.id)
        .limit(limit)
    )
    return {row.id: row.version for row in rows}


def papers_overdue(session: Session, county_code: str, on: dt.date, *, after: int, limit: int) -> dict[int, int]:
    """Claims whose papers did not come within their term: number and version."""
    c = Claim
    rows = session.execute(
        select(c.id, c.version)
        .where(
            c.county_code == county_code,
            c.state == S.AWAITING_DOCUMENTS.value,
            c.id > after,
            c.documents_due_on < on,
        )
        .order_by(c.id)
        .limit(limit)
    )
    return {row.id: row.version for row in rows}


def counties_with_claims_in(session: Session, *states: S) -> Sequence[str]:
    """Counties that have a claim in one of these states."""
    waiting = exists().where(
        Claim.county_code == ClaimFile.county_code, Claim.state.in_([state.value for state in states])
    )
    return session.scalars(select(ClaimFile.county_code).distinct().where(waiting)).all()
