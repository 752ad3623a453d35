"""A decision taken back: a settlement of its own with the other sign, and what it re-opens for the year's later claims.

Nothing is overwritten (decision 0023). What was planned and never batched is cancelled; what is paid is owed back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Entry
from contractor.claims.approving import MONEY, STREAM, actor, terms_facts
from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk, locked_as_seen
from contractor.claims.copying import copy_rows, reserved_numbers
from contractor.claims.hands import require_other_hands
from contractor.claims.moves import Move, move
from contractor.claims.refusals import UnknownReason
from contractor.claims.settling import (
    ENTRY_COLUMNS,
    SETTLEMENT_COLUMNS,
    Terms,
    locked_accounts,
    locked_years,
    write_accounts,
    write_years,
)
from contractor.claims.statements import statement
from contractor.payments.taking_back import TakenBack, take_back
from contractor.recoveries.holding import OwedBackNow
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
class Turned:
    """One decision taken back: the row with the other sign, and what the trail keeps of it."""

    claim_id: int
    settlement_id: int
    """The settlement that was taken back; 0 for a visit."""
    account_entry_id: int
    """The entry that was taken back; 0 for a stay."""
    facts: dict[str, int]


@dataclass(frozen=True)
class Reversed:
    """What a reversal did, and what it leaves to people.

    Args:
        owed_back: what has been paid and is to be recovered.
        proposals: later claims of the year that would come to another amount without the reversed one.
    """

    settlement_id: int | None
    account_entry_id: int | None
    owed_back: list[OwedBackNow]
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
    """Take one approved claim back. Raises: StaleVersion, WrongState, UnknownReason, PaymentOnItsWay, TooNear."""
    assert len(seen) == 1, "a reversal is looked at one by one"
    if reason_code not in REVERSE:
        raise UnknownReason(reason_code=reason_code)
    chunk = locked_as_seen(session, county_code, seen, law=law)
    require_other_hands(session, county_code, list(seen), by=by)
    claim = chunk.claims[0]
    moves = [Move(claim, E.REVERSED, reason_code=reason_code, note=note)]
    move(session, county_code, moves, at=at, by=by)
    turned = turn(chunk, [0], at=at, by=by)[0]
    owed_back = take_back(session, decisions_of([turned]), county_code=county_code, at=at, by=by, reason=reason_code)
    proposals: list[Proposal] = []
    if turned.settlement_id:
        year = _year(chunk, claim.member_id, turned.facts["year"])
        # Without its own reversal, which is the last row: the proposals are what the year would come to without it.
        proposals = proposals_after_reversal(year[:-1], reversed_settlement_id=turned.settlement_id)
    facts: dict[str, Any] = {
        "reason": reason_code,
        "version": claim.version + 1,
        "owed_back_fen": sum(paid.amount_fen for paid in owed_back),
    }
    entry = Entry("claim.reversed", "claim", str(claim.id), actor(by), facts | turned.facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return Reversed(turned.facts.get("settlement"), turned.facts.get("account_entry"), owed_back, proposals)


def decisions_of(turned: Sequence[Turned]) -> TakenBack:
    """What these reversals took back, as the payments' room names it."""
    return TakenBack(
        [one.claim_id for one in turned],
        [one.settlement_id for one in turned if one.settlement_id],
        [one.account_entry_id for one in turned if one.account_entry_id],
    )


def turn(chunk: Chunk, rows: Sequence[int], *, at: dt.datetime, by: int) -> list[Turned]:
    """Write the row with the other sign for each claim's standing decision: a constant number of statements.

    The latest decision of a year or an account is taken back first, as one unwinds.
    """
    visits = [chunk.claims[row].id for row in rows if chunk.claims[row].route == "outpatient"]
    stays = [chunk.claims[row].id for row in rows if chunk.claims[row].route != "outpatient"]
    return [*_turn_settlements(chunk, stays, at=at, by=by), *_turn_entries(chunk, visits, at=at, by=by)]


def _turn_settlements(chunk: Chunk, claim_ids: Sequence[int], *, at: dt.datetime, by: int) -> list[Turned]:
    if not claim_ids:
        return []
    session, county = chunk.session, chunk.county_code
    decisions = session.execute(
        statement(
            "SELECT s.* FROM contractor.settlement AS s WHERE s.county_code = :county_code "
            "AND s.claim_id = ANY(CAST(:ids AS bigint[])) "
            "AND s.reverses_settlement_id = 0 AND NOT EXISTS (SELECT FROM contractor.settlement AS r "
            "WHERE r.county_code = s.county_code AND r.reverses_settlement_id = s.id) "
            "ORDER BY s.member_id, s.year, s.settlement_no DESC"
        ),
        {"county_code": county, "ids": numbers_text(claim_ids)},
    ).all()
    assert len(decisions) == len(claim_ids), "an approved stay has one settlement that stands"
    years = locked_years(chunk, sorted({(one.member_id, one.year) for one in decisions}))
    ids = reserved_numbers(session, "settlement", "id", len(decisions))
    written, turned = [], []
    for settlement_id, decision in zip(ids, decisions, strict=True):
        key = (decision.member_id, decision.year)
        number, before = years[key]
        back = {name: -getattr(decision, name) for name in TURNED}
        row = (
            decision._asdict()
            | back
            | {f"before_{name}": fen for name, fen in before._asdict().items()}
            | {
                "id": settlement_id,
                "reverses_settlement_id": decision.id,
                "settlement_no": number + 1,
                "decided_at": at,
                "decided_by": by,
            }
        )
        written.append([row[name] for name in SETTLEMENT_COLUMNS])
        years[key] = (number + 1, state_without(before, decision))
        facts = {"settlement": settlement_id, "settlement_no": number + 1, "year": decision.year}
        facts |= terms_facts(Terms(*(row[name] for name in Terms._fields)))
        facts |= {name: row[name] for name in MONEY if row.get(name)}
        turned.append(Turned(decision.claim_id, decision.id, 0, facts))
    copy_rows(session, "settlement", SETTLEMENT_COLUMNS, written)
    write_years(chunk, years)
    return turned


def state_without(before: State, decision: Row[Any]) -> State:
    """What a year has used up once this decision of it is taken back."""
    pool_fen = decision.base_fen + decision.top_up_fen
    return State(
        before.covered_fen - decision.above_deductible_fen,
        before.pool_paid_fen - pool_fen,
        before.burden_fen - decision.eligible_fen + pool_fen,
        before.serious_paid_fen - decision.serious_fen,
        before.supplementary_paid_fen - decision.supplementary_fen,
        before.assistance_paid_fen - decision.assistance_fen,
    )


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


def _turn_entries(chunk: Chunk, claim_ids: Sequence[int], *, at: dt.datetime, by: int) -> list[Turned]:
    """What visits had taken from their households' accounts comes back to them."""
    if not claim_ids:
        return []
    session, county = chunk.session, chunk.county_code
    visits = session.execute(
        statement(
            "SELECT entry_id, claim_id, household_id, amount_fen, paid_fen, year FROM contractor.account_entry AS e "
            "WHERE county_code = :county_code AND claim_id = ANY(CAST(:ids AS bigint[])) AND kind = 2 "
            "AND NOT EXISTS (SELECT FROM contractor.account_entry AS r WHERE r.county_code = e.county_code "
            "AND r.reverses_entry_id = e.entry_id) ORDER BY household_id, account_no DESC"
        ),
        {"county_code": county, "ids": numbers_text(claim_ids)},
    ).all()
    assert len(visits) == len(claim_ids), "an approved visit has one entry that stands"
    accounts = locked_accounts(chunk, sorted({visit.household_id for visit in visits}))
    ids = reserved_numbers(session, "account_entry", "entry_id", len(visits))
    written, turned = [], []
    for entry_id, visit in zip(ids, visits, strict=True):
        number, balance_fen = accounts[visit.household_id]
        after_fen = balance_fen + visit.paid_fen
        accounts[visit.household_id] = (number + 1, after_fen)
        written.append(
            (
                county, entry_id, visit.household_id, number + 1, REVERSAL, visit.amount_fen, -visit.paid_fen,
                after_fen, visit.claim_id, visit.entry_id, visit.year, at, by,
            )
        )  # fmt: skip
        facts = {"account_entry": entry_id, "account_no": number + 1, "household_account_fen": -visit.paid_fen}
        turned.append(Turned(visit.claim_id, 0, visit.entry_id, facts))
    copy_rows(session, "account_entry", ENTRY_COLUMNS, written)
    write_accounts(chunk, accounts)
    return turned
