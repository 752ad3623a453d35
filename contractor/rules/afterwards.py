"""What came to light after a claim was decided: the lead says whether it is right, and what is right is corrected.

Nothing is moved by it. A finding stands here until it is called a false alarm, or the claim is decided anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Row
from sqlalchemy.orm import Session

from contractor.claims.hands import require_other_hands
from contractor.claims.statements import statement
from contractor.payments.held import STANDS, VERDICT
from contractor.rules import verdicts
from rulebook.checks import LIST_CHECKS, YEAR_CHECKS

BY_NIGHT = tuple(sorted({*YEAR_CHECKS, *LIST_CHECKS}))
PROPOSED = ("C", "H")
"""Graver findings would have waited for a person, had one claim shown them. The others only tell."""
MOST_ROWS = 200
# Money that has left, or may have: the bank has it, or said so.
_LEFT = (
    "EXISTS (SELECT FROM contractor.payment AS p WHERE (p.county_code, p.claim_id) = (c.county_code, c.id) "
    "AND p.state NOT IN ('planned', 'in_batch', 'cancelled', 'refused_by_bank'))"
)
_STANDING = f"""
    FROM contractor.claim_finding AS finding
    JOIN contractor.claim AS c ON (c.county_code, c.id) = (finding.county_code, finding.claim_id)
    WHERE finding.county_code = :county_code AND finding.rule = ANY(:rules) AND finding.severity = ANY(:severities)
      AND c.state IN ('approved', 'on_public_notice') AND {STANDS}
"""
_ROWS = f"""
    SELECT c.id, c.claim_number, c.state, c.institution_code, c.discharged_on, c.charged_fen, c.expected_loss_fen,
        finding.finding_no, finding.rule, finding.severity, finding.expected, finding.found, finding.found_at,
        {VERDICT} AS verdict, {_LEFT} AS has_left
    {_STANDING}
    ORDER BY has_left, finding.severity, c.expected_loss_fen DESC, c.id, finding.finding_no LIMIT :most
"""
_COUNTED = f"SELECT count(*) AS all_of_them, count(*) FILTER (WHERE NOT {_LEFT}) AS unpaid {_STANDING}"


class Counted(NamedTuple):
    """Findings that stand, and those of them on claims of which no money has left."""

    all_of_them: int
    unpaid: int


def standing(session: Session, county_code: str) -> Sequence[Row]:
    """Findings that came after the decision and stand: first where no money has left, the gravest and dearest first."""
    return session.execute(statement(_ROWS), _given(county_code) | {"most": MOST_ROWS}).all()


def counted(session: Session, county_code: str) -> Counted:
    return Counted(*session.execute(statement(_COUNTED), _given(county_code)).one())


def judge(
    session: Session, county_code: str, claim_id: int, finding_no: int, verdict: str, *, by: int, at: dt.datetime
) -> int:
    """Say of one finding whether it is right, as somebody who has no part in the claim.

    Raises: NotFound, TooNear, HadASay.
    """
    require_other_hands(session, county_code, [claim_id], by=by)
    return verdicts.record(session, county_code, claim_id, {finding_no: verdict}, by=by, at=at)


def _given(county_code: str) -> dict[str, object]:
    return {"county_code": county_code, "rules": list(BY_NIGHT), "severities": list(PROPOSED)}
