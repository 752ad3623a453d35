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
GRAVEST_FIRST = ("not_enrolled", "not_covered", "duplicate", "not_genuine", "identity")

FOUND = """
    SELECT f.claim_id, f.rule, f.other_claim_id,
        coalesce((c.admitted_on, c.discharged_on, c.id) > (o.admitted_on, o.discharged_on, o.id), false)
    FROM contractor.claim AS c
    JOIN contractor.claim_finding AS f ON f.county_code = c.county_code AND f.claim_id = c.id
    LEFT JOIN contractor.claim AS o ON o.county_code = f.county_code AND o.id = f.other_claim_id
    WHERE c.county_code = :county_code AND c.state = 'received'
"""
BILLS = """
    SELECT claim_id, array_agg(item_code || ' ' || charged_fen ORDER BY line_no) FROM contractor.claim_line
    WHERE county_code = :county_code AND claim_id = ANY(:ids) GROUP BY claim_id
"""


class Found(NamedTuple):
    """A finding of a claim that waits. `is_later` says whether the claim's stay begins after the other one's."""

    claim_id: int
    rule: str
    other_claim_id: int | None
    is_later: bool


def verdicts(session: Session, county_code: str) -> dict[int, str | None]:
    """For each claim that waits why it is refused, or None where it is approved: the table above."""
    found = [Found(*row) for row in session.execute(text(FOUND), {"county_code": county_code})]
    compared = {one.claim_id for one in found if one.rule == "F17"}
    compared |= {one.other_claim_id for one in found if one.rule == "F17" and one.other_claim_id}
    rows = session.execute(text(BILLS), {"county_code": county_code, "ids": sorted(compared)})
    bills: dict[int | None, list[str]] = {row[0]: row[1] for row in rows}
    reasons: dict[int, set[str]] = {one.claim_id: set() for one in found}
    for one in found:
        if one.rule == "not_enrolled":
            reasons[one.claim_id].add("not_enrolled")
        elif one.rule == "F10":
            reasons[one.claim_id].add("not_covered")
        elif one.rule == "F17" and bills[one.claim_id] == bills[one.other_claim_id]:
            reasons[one.claim_id].add("duplicate")
        elif one.rule in ("F13", "same_days") and one.is_later:
            reasons[one.claim_id].add("not_genuine")
        elif one.rule == "F12":
            reasons[one.claim_id].add("identity")
    return {claim_id: next((why for why in GRAVEST_FIRST if why in of), None) for claim_id, of in reasons.items()}


def decide_waiting(home: LivedIn, county_code: str) -> Counter[str]:
    """Everything that waits is taken up and decided; how many came to what."""
    contractor = home.databases["contractor"]
    with contractor.transaction() as session:
        decided = verdicts(session, county_code)
    counts: Counter[str] = Counter()
    by_reason: dict[str | None, list[int]] = defaultdict(list)
    for claim_id, why in sorted(decided.items()):
        by_reason[why].append(claim_id)
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
    return {row[0]: row[1] for row in rows}
