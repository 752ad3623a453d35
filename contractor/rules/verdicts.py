"""What a reviewer says of a claim's findings when deciding: confirmed, a false alarm, or not to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.claims.statements import statement
from contractor.rules.queries import verdicts_on
from contractor.rules.tables import RuleVerdict

STREAM = "claims"
VERDICTS = ("confirmed", "false_alarm", "unclear")


def record(
    session: Session, county_code: str, claim_id: int, verdicts: Mapping[int, str], *, by: int, at: dt.datetime
) -> int:
    """Keep what was said of some findings; how many of it is new. What was said before stays on record behind it.

    Args:
        verdicts: by the number of the finding.

    Raises: NotFound, where the claim or a finding of it is not in this county.
    """
    assert set(verdicts.values()) <= set(VERDICTS), verdicts
    if not verdicts:
        return 0
    given = {"county_code": county_code, "claim_id": claim_id}
    # Two who say something at once follow each other.
    locked = "SELECT id FROM contractor.claim WHERE county_code = :county_code AND id = :claim_id FOR NO KEY UPDATE"
    session.execute(statement(locked), given)
    findings = session.execute(
        statement(
            "SELECT finding_no, rule FROM contractor.claim_finding "
            "WHERE county_code = :county_code AND claim_id = :claim_id"
        ),
        given,
    )
    rules = {row[0]: row[1] for row in findings}
    if missing := verdicts.keys() - rules.keys():
        raise NotFound(kind="claim_finding", claim_id=claim_id, findings=sorted(missing))
    known = {one.finding_no: one for one in verdicts_on(session, county_code, claim_id)}
    new = [
        {
            **given, "finding_no": number, "verdict_no": known[number].verdict_no + 1 if number in known else 1,
            "rule": rules[number], "verdict": verdict, "at": at, "by": by,
        }
        for number, verdict in sorted(verdicts.items())
        if number not in known or known[number].verdict != verdict
    ]  # fmt: skip
    if not new:
        return 0
    session.execute(insert(RuleVerdict), new)
    facts = {"verdicts": {str(one["finding_no"]): one["verdict"] for one in new}}
    entry = Entry("claim.findings_judged", "claim", str(claim_id), Actor(ActorKind.STAFF, str(by)), facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return len(new)
