"""Assessment of a chunk: the checks find, and what no finding asks a person about is decided by rule.

A clean claim is approved by rule; on the manual route its public notice begins. A finding whose card says that the
registry alone decides refuses by rule. Everything else waits at the reviewers' desk with its findings.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Entry
from chassis.vault.keyring import Keyring
from contractor.claims.approving import RULE, STREAM, approve_rows
from contractor.claims.chunk import Chunk, locked_chunk
from contractor.claims.copying import copy_rows
from contractor.claims.framing import framed
from contractor.claims.moves import Move, move
from rulebook.checks import Finding, alert_ppm, all_cards, check
from rulebook.handling_terms import term_on
from rulebook.lifecycles.claim import E
from rulebook.registry import Timeline

FINDING_COLUMNS = (
    "county_code", "claim_id", "finding_no", "rule", "severity", "line_no", "other_claim_id", "expected", "found",
    "source", "found_at",
)  # fmt: skip
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Assessed:
    """How many claims came to what: approved, on_public_notice, rejected, or waiting at the desk."""

    counts: Counter[str] = field(default_factory=Counter)
    finding_count: int = 0


def assess(
    session: Session,
    claim_ids: Sequence[int],
    *,
    county_code: str,
    law: Timeline,
    keyring: Keyring,
    at: dt.datetime,
    on: dt.date,
) -> Assessed:
    """Check and decide some claims. Those assessed before are left as they are, so a task may run twice.

    Args:
        on: the local day; a public notice begins on it.
    """
    chunk = locked_chunk(session, county_code, claim_ids, law=law)
    waiting = [claim for claim in chunk.claims if claim.assessed_at is None and claim.state == "received"]
    chunk = Chunk(session, county_code, law, waiting)
    if not waiting:
        return Assessed()
    found = check(framed(chunk))
    by_row: dict[int, list[Finding]] = {}
    for finding in found:
        by_row.setdefault(finding.claim_row, []).append(finding)
    outcomes = [_outcome(by_row.get(row, ())) for row in range(len(chunk.claims))]
    _write_findings(chunk, by_row, at=at)
    _note_assessed(chunk, by_row, outcomes, at=at)
    clean = {
        row: E.APPROVED_BY_RULE
        for row, (outcome, claim) in enumerate(zip(outcomes, chunk.claims, strict=True))
        if outcome == "clean" and claim.route != "manual"
    }
    approve_rows(chunk, clean, at=at, by=None, keyring=keyring)
    _refuse(chunk, by_row, outcomes, at=at)
    _begin_notices(chunk, outcomes, at=at, on=on)
    counts = Counter(
        {"clean": "on_public_notice" if claim.route == "manual" else "approved", "refuses": "rejected"}.get(
            outcome, "waiting"
        )
        for outcome, claim in zip(outcomes, chunk.claims, strict=True)
    )
    return Assessed(counts, len(found))


def _outcome(findings: Sequence[Finding]) -> str:
    """The gravest effect: who must be looked at is not refused unseen."""
    cards = all_cards()
    effects = {cards[finding.rule].effect for finding in findings}
    return "waits" if "waits" in effects else "refuses" if "refuses" in effects else "clean"


def _write_findings(chunk: Chunk, by_row: Mapping[int, list[Finding]], *, at: dt.datetime) -> None:
    cards = all_cards()
    copy_rows(
        chunk.session,
        "claim_finding",
        FINDING_COLUMNS,
        (
            (
                chunk.county_code, chunk.claims[row].id, number, finding.rule, cards[finding.rule].severity,
                finding.line_no or None, finding.other_claim_id or None, finding.expected[:LONGEST_TEXT],
                finding.found[:LONGEST_TEXT], cards[finding.rule].law_on(chunk.claims[row].discharged_on), at,
            )
            for row, findings in by_row.items()
            for number, finding in enumerate(findings, 1)
        ),
    )  # fmt: skip


def _note_assessed(
    chunk: Chunk, by_row: Mapping[int, list[Finding]], outcomes: Sequence[str], *, at: dt.datetime
) -> None:
    cards = all_cards()
    scores = [
        alert_ppm(cards[finding.rule].severity for finding in by_row.get(row, ())) for row in range(len(outcomes))
    ]
    chunk.session.execute(
        text(
            "UPDATE contractor.claim AS c SET assessed_at = :at, alert_ppm = own.score, is_clean = own.is_clean "
            "FROM unnest(CAST(:ids AS bigint[]), CAST(:scores AS int[]), CAST(:clean AS boolean[])) "
            "AS own (id, score, is_clean) WHERE c.county_code = :county_code AND c.id = own.id"
        ),
        {
            "county_code": chunk.county_code,
            "at": at,
            "ids": [claim.id for claim in chunk.claims],
            "scores": scores,
            "clean": [outcome == "clean" for outcome in outcomes],
        },
    )


def _refuse(chunk: Chunk, by_row: Mapping[int, list[Finding]], outcomes: Sequence[str], *, at: dt.datetime) -> None:
    cards = all_cards()
    reasons = {
        row: next(finding.rule for finding in by_row[row] if cards[finding.rule].effect == "refuses")
        for row, outcome in enumerate(outcomes)
        if outcome == "refuses"
    }
    moves = [Move(chunk.claims[row], E.REJECTED_BY_RULE, reason_code=reason) for row, reason in reasons.items()]
    move(chunk.session, chunk.county_code, moves, at=at, by=None)
    _tell(chunk, {row: {"reason": reason} for row, reason in reasons.items()}, E.REJECTED_BY_RULE, at=at)


def _begin_notices(chunk: Chunk, outcomes: Sequence[str], *, at: dt.datetime, on: dt.date) -> None:
    rows = [
        row
        for row, (outcome, claim) in enumerate(zip(outcomes, chunk.claims, strict=True))
        if outcome == "clean" and claim.route == "manual"
    ]
    over_on = on + dt.timedelta(days=term_on("public_notice", on))
    moves = [Move(chunk.claims[row], E.NOTICE_BEGUN, notice_until_on=over_on) for row in rows]
    move(chunk.session, chunk.county_code, moves, at=at, by=None)
    _tell(chunk, {row: {"until": over_on.isoformat()} for row in rows}, E.NOTICE_BEGUN, at=at)


def _tell(chunk: Chunk, facts: Mapping[int, Mapping[str, str]], event: E, *, at: dt.datetime) -> None:
    entries = [Entry(f"claim.{event}", "claim", str(chunk.claims[row].id), RULE, told) for row, told in facts.items()]
    append(chunk.session, county_code=chunk.county_code, stream=STREAM, entries=entries, at=at)
