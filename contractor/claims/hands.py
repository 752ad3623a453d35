"""Whose claim it is: nobody decides one of their own household, one they entered, or one they had a say on already.

The same is held by the database for whatever comes past these verbs (migration 0017).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from contractor.claims.arrays import numbers_text
from contractor.claims.refusals import HadASay, TooNear
from contractor.claims.statements import statement


def require_other_hands(session: Session, county_code: str, claim_ids: Sequence[int], *, by: int) -> None:
    """Whether this person may decide on these claims: one statement. Raises: TooNear, HadASay."""
    row = session.execute(
        statement(
            "SELECT id, contractor.is_too_near(county_code, household_id, received_by, :by) AS is_near, "
            "received_by = :by AS is_entered FROM contractor.claim "
            "WHERE county_code = :county_code AND id = ANY(CAST(:ids AS bigint[])) "
            "AND (contractor.is_too_near(county_code, household_id, received_by, :by) "
            "OR (state = 'in_second_review' AND contractor.has_had_a_say(county_code, id, version + 1, :by))) "
            "ORDER BY id LIMIT 1"
        ),
        {"county_code": county_code, "ids": numbers_text(claim_ids), "by": by},
    ).one_or_none()
    if row is not None and row.is_near:
        raise TooNear(claim_id=row.id, is_entered=bool(row.is_entered))
    if row is not None:
        raise HadASay(claim_id=row.id)
