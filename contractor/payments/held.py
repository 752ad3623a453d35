"""Payments that wait for the lead's word: after the decision something critical came to light (decision 0053).

What a night finds is read from the claims' tables as it stands; a payment knows no more of it than that it is held.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# Somebody, or a rule, decides; what ends a public notice or prices a claim anew looks at no finding.
CAME_AFTER = (
    "finding.found_at > (SELECT max(decided.at) FROM contractor.claim_event AS decided "
    "WHERE (decided.county_code, decided.claim_id) = (finding.county_code, finding.claim_id) "
    "AND decided.event IN ('approved', 'approved_by_rule', 'notice_begun'))"
)
VERDICT = (
    "(SELECT said.verdict FROM contractor.rule_verdict AS said "
    "WHERE (said.county_code, said.claim_id, said.finding_no) "
    "= (finding.county_code, finding.claim_id, finding.finding_no) ORDER BY said.verdict_no DESC LIMIT 1)"
)
STANDS = f"{CAME_AFTER} AND coalesce({VERDICT}, '') <> 'false_alarm'"
_HELD = (
    "EXISTS (SELECT FROM contractor.claim_finding AS finding "
    "WHERE (finding.county_code, finding.claim_id) = (payment.county_code, payment.claim_id) "
    f"AND finding.severity = 'C' AND {STANDS})"
)
NOT_HELD = text(f"NOT {_HELD}")
"""Of `contractor.payment`: nothing critical stands against the claim that came after its decision."""
_COUNTED = text(
    f"SELECT count(*) FROM contractor.payment WHERE county_code = :county_code AND state = 'planned' AND {_HELD}"  # noqa: S608
)


def held_count(session: Session, county_code: str) -> int:
    """How many planned payments are held."""
    return session.execute(_COUNTED, {"county_code": county_code}).scalar_one()
