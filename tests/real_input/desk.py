"""A desk that decides what the rules left to people, by rules of its own that an officer could follow blindfold.

| what was found | what the desk does |
| --- | --- |
| not enrolled (with something graver beside it) | refused, `not_enrolled` |
| admitted after death (F10) | refused, `not_covered` |
| claimed before (F17) | bills compared: the same items at the same amounts, refused as `duplicate`; else approved |
| two beds at once (F13), the very same days | the later stay is refused, `not_genuine`; the earlier approved |
| of the other sex (F12) | refused, `identity` |
| an item twice in one bill (F16) | the repeated lines are taken off, `duplicate_item`, and the rest approved |
| anything else: high value (F29), a return for the same illness (F01) | looked at and approved |

The topmost row that applies decides.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from contractor.claims.decisions import Reduction, approve, reduce, refuse, take_up
from contractor.law.loading import law_of
from tests.demo.house import LivedIn
from tests.real_input.house import ENTERED_AT
from tests.real_input.path import chunks

REVIEWER = 1
DECIDED_AT = ENTERED_AT
DECIDED_ON = dt.date(2026, 11, 20)
DUPLICATE_ITEM = "F16"

WAITING = """
    WITH bill AS (
        SELECT l.claim_id, array_agg(l.item_code || ' ' || l.charged_fen ORDER BY l.line_no) AS items
        FROM contractor.claim_line AS l JOIN contractor.claim AS c ON c.county_code = l.county_code
            AND c.id = l.claim_id
        WHERE l.county_code = :county_code AND EXISTS (
            SELECT FROM contractor.claim_finding AS f WHERE f.county_code = l.county_code AND f.rule = 'F17'
                AND l.claim_id IN (f.claim_id, f.other_claim_id))
        GROUP BY l.claim_id
    ), told AS (
        SELECT f.claim_id,
            bool_or(f.rule = 'not_enrolled') AS not_enrolled,
            bool_or(f.rule = 'F10') AS dead,
            bool_or(f.rule = 'F17' AND own.items = other_bill.items) AS same_bill,
            bool_or(f.rule IN ('F13', 'same_days')
                AND (c.admitted_on, c.discharged_on, c.id) > (o.admitted_on, o.discharged_on, o.id)) AS later,
            bool_or(f.rule = 'F12') AS other_sex
        FROM contractor.claim_finding AS f
        JOIN contractor.claim AS c ON c.county_code = f.county_code AND c.id = f.claim_id
        LEFT JOIN contractor.claim AS o ON o.county_code = f.county_code AND o.id = f.other_claim_id
        LEFT JOIN bill AS own ON own.claim_id = f.claim_id
        LEFT JOIN bill AS other_bill ON other_bill.claim_id = f.other_claim_id
        WHERE f.county_code = :county_code AND c.state = 'received' GROUP BY f.claim_id
    )
    SELECT c.id, CASE WHEN t.not_enrolled THEN 'not_enrolled' WHEN t.dead THEN 'not_covered'
        WHEN t.same_bill THEN 'duplicate' WHEN t.later THEN 'not_genuine' WHEN t.other_sex THEN 'identity' END
    FROM contractor.claim AS c JOIN told AS t ON t.claim_id = c.id
    WHERE c.county_code = :county_code AND c.state = 'received' ORDER BY c.id
"""


class Verdict(NamedTuple):
    """`refuse_because` is None where the claim is approved."""

    claim_id: int
    refuse_because: str | None


def decide_waiting(home: LivedIn, county_code: str) -> Counter[str]:
    """Everything that waits is taken up and decided; how many came to what."""
    contractor = home.databases["contractor"]
    with contractor.transaction() as session:
        rows = session.execute(text(WAITING), {"county_code": county_code})
        verdicts = [Verdict(*row) for row in rows]
    counts: Counter[str] = Counter()
    by_reason: dict[str | None, list[int]] = defaultdict(list)
    for verdict in verdicts:
        by_reason[verdict.refuse_because].append(verdict.claim_id)
    for reason, claim_ids in sorted(by_reason.items(), key=lambda each: each[0] or ""):
        for some in chunks(claim_ids):
            with contractor.transaction() as session:
                take_up(session, _seen(session, county_code, some), county_code=county_code, by=REVIEWER, at=DECIDED_AT)
                counts += _decide(session, home, county_code, some, reason)
    return counts


def _decide(
    session: Session, home: LivedIn, county_code: str, claim_ids: Sequence[int], reason: str | None
) -> Counter[str]:
    if reason is not None:
        refuse(
            session,
            _seen(session, county_code, claim_ids),
            county_code=county_code,
            reason_code=reason,
            by=REVIEWER,
            at=DECIDED_AT,
        )
        return Counter({f"refused: {reason}": len(claim_ids)})
    reduced = _take_off_repeated_lines(session, county_code, claim_ids)
    approve(
        session,
        _seen(session, county_code, claim_ids),
        county_code=county_code,
        law=law_of(session, county_code),
        keyring=home.keyring,
        by=REVIEWER,
        at=DECIDED_AT,
        on=DECIDED_ON,
    )
    return Counter({"approved": len(claim_ids), "of these reduced": reduced})


def _take_off_repeated_lines(session: Session, county_code: str, claim_ids: Sequence[int]) -> int:
    rows = session.execute(
        text(
            "SELECT f.claim_id, l.line_no, l.charged_fen FROM contractor.claim_finding AS f "
            "JOIN contractor.claim_line AS l ON l.county_code = f.county_code AND l.claim_id = f.claim_id "
            "AND l.line_no = f.line_no "
            "WHERE f.county_code = :county_code AND f.rule = :rule AND f.claim_id = ANY(:ids) ORDER BY 1, 2"
        ),
        {"county_code": county_code, "rule": DUPLICATE_ITEM, "ids": list(claim_ids)},
    )
    repeated: dict[int, list[Reduction]] = defaultdict(list)
    for claim_id, line_no, charged_fen in rows:
        repeated[claim_id].append(Reduction(line_no, charged_fen, "duplicate_item"))
    for claim_id, reductions in repeated.items():
        seen = _seen(session, county_code, [claim_id])
        reduce(session, seen, reductions, county_code=county_code, by=REVIEWER, at=DECIDED_AT)
    return len(repeated)


def _seen(session: Session, county_code: str, claim_ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        text("SELECT id, version FROM contractor.claim WHERE county_code = :county_code AND id = ANY(:ids)"),
        {"county_code": county_code, "ids": list(claim_ids)},
    )
    return dict(rows.tuples().all())
