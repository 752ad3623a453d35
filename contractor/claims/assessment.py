"""Assessment of a chunk: the checks find, and what no finding asks a person about is decided by rule.

A clean claim is approved by rule; on the manual route its public notice begins. A finding whose card says that the
registry alone decides refuses by rule. Everything else waits at the reviewers' desk with its findings.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Entry
from chassis.vault.keyring import Keyring
from contractor.claims.approving import RULE, STREAM, plan, told
from contractor.claims.chunk import Chunk, Known, locked_chunk
from contractor.claims.copying import copy_rows
from contractor.claims.foreseeing import foreseen_fen
from contractor.claims.framing import framed
from contractor.claims.moves import Move, move
from contractor.claims.settling import settle
from contractor.rules.queries import cards_in_force
from rulebook.checks import Card, Finding, alert_ppm, check
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
    known: Known | None = None,
    first: Sequence[Entry] = (),
) -> Assessed:
    """Check and decide some claims. Those assessed before are left as they are, so a task may run twice.

    Args:
        on: the local day; a public notice begins on it, and the county's own thresholds of that day are asked.
        known: what the same transaction has learned of the registry.
        first: entries of the trail that come before those of the decisions: one lock of the chain instead of two.
    """
    chunk = locked_chunk(session, county_code, claim_ids, law=law)
    waiting = [claim for claim in chunk.claims if claim.assessed_at is None and claim.state == "received"]
    chunk = Chunk(session, county_code, law, waiting, known)
    if not waiting:
        append(session, county_code=county_code, stream=STREAM, entries=first, at=at)
        return Assessed()
    cards = cards_in_force(session, county_code, on)
    found = check(framed(chunk), cards)
    by_row: dict[int, list[Finding]] = {}
    for finding in found:
        by_row.setdefault(finding.claim_row, []).append(finding)
    outcomes = [_outcome(by_row.get(row, ()), cards) for row in range(len(chunk.claims))]
    moves = _moves(chunk, by_row, outcomes, cards, on=on)
    _write_findings(chunk, by_row, cards, at=at)
    approved = {row: E.APPROVED_BY_RULE for row, one in moves.items() if one.event is E.APPROVED_BY_RULE}
    settled = settle(chunk, list(approved), at=at, by=None)
    move(
        session, county_code, list(moves.values()), at=at, by=None,
        assessed=_assessed(chunk, by_row, outcomes, cards),
        stay=[claim for row, claim in enumerate(chunk.claims) if row not in moves],
    )  # fmt: skip
    plan(chunk, settled, keyring=keyring, at=at)
    entries = [*first, *told(chunk, settled, approved, by=None), *_told(moves)]
    append(session, county_code=county_code, stream=STREAM, entries=entries, at=at)
    counts = Counter(
        {"clean": "on_public_notice" if claim.route == "manual" else "approved", "refuses": "rejected"}.get(
            outcome, "waiting"
        )
        for outcome, claim in zip(outcomes, chunk.claims, strict=True)
    )
    return Assessed(counts, len(found))


def _outcome(findings: Sequence[Finding], cards: Mapping[str, Card]) -> str:
    """The gravest effect: who must be looked at is not refused unseen."""
    effects = {cards[finding.rule].effect for finding in findings}
    return "waits" if "waits" in effects else "refuses" if "refuses" in effects else "clean"


def _write_findings(
    chunk: Chunk, by_row: Mapping[int, list[Finding]], cards: Mapping[str, Card], *, at: dt.datetime
) -> None:
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


def _assessed(
    chunk: Chunk, by_row: Mapping[int, list[Finding]], outcomes: Sequence[str], cards: Mapping[str, Card]
) -> dict[int, tuple[int, bool, int | None]]:
    """For each claim by number its alert score, whether it is clean, and of one that waits what a yes would cost."""
    foreseen = foreseen_fen(chunk, [row for row, outcome in enumerate(outcomes) if outcome == "waits"])
    return {
        claim.id: (
            alert_ppm(cards[finding.rule].severity for finding in by_row.get(row, ())),
            outcome == "clean",
            foreseen.get(row),
        )
        for row, (claim, outcome) in enumerate(zip(chunk.claims, outcomes, strict=True))
    }


def _moves(
    chunk: Chunk,
    by_row: Mapping[int, list[Finding]],
    outcomes: Sequence[str],
    cards: Mapping[str, Card],
    *,
    on: dt.date,
) -> dict[int, Move]:
    """What the rules decide, by row; a claim that waits for a person has no move."""
    over_on = on + dt.timedelta(days=term_on("public_notice", on))
    moves = {}
    for row, (claim, outcome) in enumerate(zip(chunk.claims, outcomes, strict=True)):
        if outcome == "refuses":
            reason = next(finding.rule for finding in by_row[row] if cards[finding.rule].effect == "refuses")
            moves[row] = Move(claim, E.REJECTED_BY_RULE, reason_code=reason)
        elif outcome == "clean" and claim.route == "manual":
            moves[row] = Move(claim, E.NOTICE_BEGUN, notice_until_on=over_on)
        elif outcome == "clean":
            moves[row] = Move(claim, E.APPROVED_BY_RULE)
    return moves


def _told(moves: Mapping[int, Move]) -> list[Entry]:
    """The trail of refusals and notices; approvals tell their money."""
    entries = []
    for one in moves.values():
        if one.event is E.REJECTED_BY_RULE:
            facts = {"reason": one.reason_code}
        elif one.event is E.NOTICE_BEGUN:
            facts = {"until": str(one.notice_until_on)}
        else:
            continue
        entries.append(Entry(f"claim.{one.event.value}", "claim", str(one.claim.id), RULE, facts))
    return entries
