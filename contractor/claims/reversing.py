"""A decision taken back: a settlement of its own with the other sign, and what it re-opens for the year's later claims.

Nothing is overwritten (decision 0023). What was planned and never batched is cancelled; what is paid is owed back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Entry
from contractor.claims.approving import MONEY, STREAM, actor
from contractor.claims.chunk import Chunk, locked_as_seen
from contractor.claims.copying import copy_rows, reserved_numbers
from contractor.claims.moves import Move, move
from contractor.claims.refusals import UnknownReason
from contractor.claims.settling import (
    ENTRY_COLUMNS,
    SETTLEMENT_COLUMNS,
    locked_accounts,
    locked_years,
    write_accounts,
    write_years,
)
from contractor.claims.statements import statement
from contractor.payments.taking_back import Paid, take_back
from rulebook.benefits import Claim, Proposal, State, YearEntry, deciding, proposals_after_reversal
from rulebook.benefits.household_account import REVERSAL
from rulebook.benefits.rules_in_force import rules_for
from rulebook.lifecycles.claim import E
from rulebook.reasons import REVERSE
from rulebook.registry import Timeline
from rulebook.rule_shapes import STATUSES, TIERS

# What a reversal carries with the other sign; everything else is what the decision said.
TURNED = (
    "eligible_fen", "above_deductible_fen", "base_fen", "top_up_fen", "serious_fen", "supplementary_fen",
    "assistance_fen", "benefits_fen", "member_pays_fen",
)  # fmt: skip


@dataclass(frozen=True)
class Reversed:
    """What a reversal did, and what it leaves to people.

    Args:
        owed_back: what has been paid and is to be recovered.
        proposals: later claims of the year that would come to another amount without the reversed one.
    """

    settlement_id: int | None
    account_entry_id: int | None
    owed_back: list[Paid]
    proposals: list[Proposal]


def reverse(
    session: Session,
    seen: Mapping[int, int],
    *,
    county_code: str,
    law: Timeline,
    reason_code: str,
    by: int,
    at: dt.datetime,
    note: str | None = None,
) -> Reversed:
    """Take one approved claim back. Raises: StaleVersion, WrongState, UnknownReason, PaymentOnItsWay."""
    assert len(seen) == 1, "a reversal is looked at one by one"
    if reason_code not in REVERSE:
        raise UnknownReason(reason_code=reason_code)
    chunk = locked_as_seen(session, county_code, seen, law=law)
    claim = chunk.claims[0]
    moves = [Move(claim, E.REVERSED, reason_code=reason_code, note=note)]
    move(session, county_code, moves, at=at, by=by)
    owed_back = take_back(session, [claim.id], county_code=county_code, at=at, by=by, reason=reason_code)
    if claim.route == "outpatient":
        money = _turn_entry(chunk, claim.id, at=at, by=by)
        done = Reversed(None, money["account_entry"], owed_back, [])
    else:
        money, proposals = _turn_settlement(chunk, claim.id, at=at, by=by)
        done = Reversed(money["settlement"], None, owed_back, proposals)
    facts: dict[str, Any] = {
        "reason": reason_code,
        "version": claim.version + 1,
        "owed_back_fen": sum(paid.amount_fen for paid in owed_back),
    }
    entry = Entry("claim.reversed", "claim", str(claim.id), actor(by), facts | money)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return done


def _turn_settlement(chunk: Chunk, claim_id: int, *, at: dt.datetime, by: int) -> tuple[dict[str, int], list[Proposal]]:
    """Write the settlement with the other sign; what the trail keeps of it, and what it re-opens."""
    session, county = chunk.session, chunk.county_code
    decision = session.execute(
        statement(
            "SELECT s.* FROM contractor.settlement AS s WHERE s.county_code = :county_code AND s.claim_id = :claim_id "
            "AND s.reverses_settlement_id = 0 AND NOT EXISTS (SELECT FROM contractor.settlement AS r "
            "WHERE r.county_code = s.county_code AND r.reverses_settlement_id = s.id)"
        ),
        {"county_code": county, "claim_id": claim_id},
    ).one()
    key = (decision.member_id, decision.year)
    number, before = locked_years(chunk, [key])[key]
    proposals = proposals_after_reversal(_year(chunk, *key), reversed_settlement_id=decision.id)
    settlement_id = reserved_numbers(session, "settlement", "id", 1)[0]
    turned = {name: -getattr(decision, name) for name in TURNED}
    row = (
        decision._asdict()
        | turned
        | {f"before_{name}": fen for name, fen in before._asdict().items()}
        | {
            "id": settlement_id,
            "reverses_settlement_id": decision.id,
            "settlement_no": number + 1,
            "decided_at": at,
            "decided_by": by,
        }
    )
    copy_rows(session, "settlement", SETTLEMENT_COLUMNS, [[row[name] for name in SETTLEMENT_COLUMNS]])
    pool_fen = turned["base_fen"] + turned["top_up_fen"]
    after = State(
        before.covered_fen + turned["above_deductible_fen"],
        before.pool_paid_fen + pool_fen,
        before.burden_fen + turned["eligible_fen"] - pool_fen,
        before.serious_paid_fen + turned["serious_fen"],
        before.supplementary_paid_fen + turned["supplementary_fen"],
        before.assistance_paid_fen + turned["assistance_fen"],
    )
    write_years(chunk, {key: (number + 1, after)})
    money = {"settlement": settlement_id, "settlement_no": number + 1, "year": decision.year}
    return money | {name: row[name] for name in MONEY if row.get(name)}, proposals


def _year(chunk: Chunk, member_id: int, year: int) -> list[YearEntry]:
    """The member's year in settlement order, each entry with the law it was settled by."""
    rows = chunk.session.execute(
        statement(
            "SELECT id, reverses_settlement_id, admitted_on, discharged_on, tier, status_on_admission, "
            "status_on_discharge, is_supplemented, cost_fen, class_a_fen, class_b_fen, class_c_fen "
            "FROM contractor.settlement WHERE county_code = :county_code AND member_id = :member_id AND year = :year "
            "ORDER BY settlement_no"
        ),
        {"county_code": chunk.county_code, "member_id": member_id, "year": year},
    ).all()
    return [_entry(chunk.law, row) for row in rows]


def _entry(law: Timeline, row: Row[Any]) -> YearEntry:
    decided_by = deciding(
        law,
        admitted_on=row.admitted_on,
        discharged_on=row.discharged_on,
        status_on_admission=STATUSES[row.status_on_admission],
        status_on_discharge=STATUSES[row.status_on_discharge],
    )
    schedule = decided_by.schedule
    rules = rules_for(schedule, schedule.last_change(decided_by.day), decided_by.status, TIERS[row.tier - 1])
    claim = Claim(row.cost_fen, row.class_a_fen, row.class_b_fen, row.class_c_fen, row.is_supplemented)
    return YearEntry(row.id, row.reverses_settlement_id, claim, rules)


def _turn_entry(chunk: Chunk, claim_id: int, *, at: dt.datetime, by: int) -> dict[str, int]:
    """What a visit had taken from the household's account comes back to it."""
    session, county = chunk.session, chunk.county_code
    visit = session.execute(
        statement(
            "SELECT entry_id, household_id, amount_fen, paid_fen, year FROM contractor.account_entry AS e "
            "WHERE county_code = :county_code AND claim_id = :claim_id AND kind = 2 AND NOT EXISTS (SELECT "
            "FROM contractor.account_entry AS r WHERE r.county_code = e.county_code "
            "AND r.reverses_entry_id = e.entry_id)"
        ),
        {"county_code": county, "claim_id": claim_id},
    ).one()
    number, balance_fen = locked_accounts(chunk, [visit.household_id])[visit.household_id]
    entry_id = reserved_numbers(session, "account_entry", "entry_id", 1)[0]
    after_fen = balance_fen + visit.paid_fen
    row = (
        county, entry_id, visit.household_id, number + 1, REVERSAL, visit.amount_fen, -visit.paid_fen, after_fen,
        claim_id, visit.entry_id, visit.year, at, by,
    )  # fmt: skip
    copy_rows(session, "account_entry", ENTRY_COLUMNS, [row])
    write_accounts(chunk, {visit.household_id: (number + 1, after_fen)})
    return {"account_entry": entry_id, "account_no": number + 1, "household_account_fen": -visit.paid_fen}
