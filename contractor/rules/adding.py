"""Findings that come after a claim was assessed: added behind those it has, and its alert score with them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from contractor.claims.arrays import numbers_text
from contractor.claims.assessment import FINDING_COLUMNS, LONGEST_TEXT
from contractor.claims.copying import copy_rows
from contractor.claims.statements import statement
from rulebook.checks import Card, alert_ppm

CLAIMS_AT_ONCE = 2_000


class Found(NamedTuple):
    """One finding of a claim. `line_no` is 0 where it speaks of the whole claim; `day` chooses the article."""

    claim_id: int
    rule: str
    line_no: int
    day: dt.date
    expected: str
    found: str


def add_findings(
    session: Session, found: Sequence[Found], cards: Mapping[str, Card], *, county_code: str, at: dt.datetime
) -> Counter[str]:
    """Add what a claim was not told before, by rule and line; how many by rule. No claim is moved."""
    by_claim: dict[int, dict[tuple[str, int], Found]] = {}
    for one in found:
        # Of several findings of one rule on one line the first stands.
        by_claim.setdefault(one.claim_id, {}).setdefault((one.rule, one.line_no), one)
    added: Counter[str] = Counter()
    claim_ids = sorted(by_claim)
    for start in range(0, len(claim_ids), CLAIMS_AT_ONCE):
        some = {claim_id: by_claim[claim_id] for claim_id in claim_ids[start : start + CLAIMS_AT_ONCE]}
        added += _add(session, some, cards, county_code=county_code, at=at)
    return added


def _add(
    session: Session,
    by_claim: Mapping[int, Mapping[tuple[str, int], Found]],
    cards: Mapping[str, Card],
    *,
    county_code: str,
    at: dt.datetime,
) -> Counter[str]:
    given = {"county_code": county_code, "ids": numbers_text(by_claim)}
    # Locked in the order of their numbers, so that no two give one claim the same number of a finding.
    locked = "SELECT id FROM contractor.claim WHERE county_code = :county_code AND id = ANY(CAST(:ids AS bigint[])) "
    session.execute(statement(locked + "ORDER BY id FOR UPDATE"), given)
    known = session.execute(
        statement(
            "SELECT claim_id, rule, coalesce(line_no, 0), severity FROM contractor.claim_finding "
            "WHERE county_code = :county_code AND claim_id = ANY(CAST(:ids AS bigint[]))"
        ),
        given,
    ).all()
    told: dict[int, set[tuple[str, int]]] = {}
    severities: dict[int, list[str]] = {}
    for claim_id, rule, line_no, severity in known:
        told.setdefault(claim_id, set()).add((rule, line_no))
        severities.setdefault(claim_id, []).append(severity)
    rows, added = [], Counter[str]()
    for claim_id, found in by_claim.items():
        for key, one in found.items():
            if key in told.get(claim_id, ()):
                continue
            card, of = cards[one.rule], severities.setdefault(claim_id, [])
            of.append(card.severity)
            rows.append(
                (
                    county_code, claim_id, len(of), one.rule, card.severity, one.line_no or None, None,
                    one.expected[:LONGEST_TEXT], one.found[:LONGEST_TEXT], card.law_on(one.day), at,
                )
            )  # fmt: skip
            added[one.rule] += 1
    copy_rows(session, "claim_finding", FINDING_COLUMNS, rows)
    _score(session, {row[1]: alert_ppm(severities[row[1]]) for row in rows}, county_code=county_code)
    return added


def _score(session: Session, scores: Mapping[int, int], *, county_code: str) -> None:
    if scores:
        session.execute(
            statement(
                "UPDATE contractor.claim AS c SET alert_ppm = own.score "
                "FROM unnest(CAST(:ids AS bigint[]), CAST(:scores AS int[])) AS own (id, score) "
                "WHERE c.county_code = :county_code AND c.id = own.id"
            ),
            {
                "county_code": county_code,
                "ids": numbers_text(scores),
                "scores": numbers_text(scores.values()),
            },
        )
