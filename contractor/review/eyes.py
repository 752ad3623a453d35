"""Whom the system does not hand a claim to: whoever may not decide it. The verbs and the database refuse them too."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_

from contractor.claims.tables import Claim


def not_for(reviewer: int | ColumnElement[int]) -> ColumnElement[bool]:
    """True of claims this person is not handed: one they entered, of a household of theirs, or that has had their say;
    in second review also one they gave back and one that two disagreed about.

    The functions are those by which the database itself keeps hands apart (migrations 0017 and 0025).
    """
    c, law = Claim, func.contractor
    return or_(
        law.is_too_near(c.county_code, c.household_id, c.received_by, reviewer),
        and_(
            c.state == "in_second_review",
            or_(
                law.has_had_a_say(c.county_code, c.id, c.version + 1, reviewer),
                law.is_kept_from(c.county_code, c.id, reviewer),
            ),
        ),
    )
