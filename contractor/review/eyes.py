"""Whom the system does not hand a claim to: whoever may not decide it. The verbs and the database refuse them too."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_

from contractor.claims.tables import Claim


def not_for(reviewer: int | ColumnElement[int]) -> ColumnElement[bool]:
    """True of claims this person may not decide: one they entered, of a household of theirs, or that has had their say.

    The functions are those by which the database itself keeps hands apart (migration 0017).
    """
    c, law = Claim, func.contractor
    return or_(
        law.is_too_near(c.county_code, c.household_id, c.received_by, reviewer),
        and_(c.state == "in_second_review", law.has_had_a_say(c.county_code, c.id, c.version + 1, reviewer)),
    )
