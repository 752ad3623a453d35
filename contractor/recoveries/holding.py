"""What a payee holds of a decision that was taken back, and how much of a new decision it meets (decision 0046).

A payment is never undone. What was paid for a decision that is taken back is owed back; the claim's next decision takes
from it first, so that only the difference is paid, and what is left stays owed. This module knows plain rows alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from chassis.clock import local_day
from contractor.recoveries.booking import book_set_offs
from contractor.recoveries.tables import SetOff

Key = tuple[int, str]
"""A claim and a fund."""


@dataclass(frozen=True, slots=True)
class Held:
    """One debt that is open, in whole or in part."""

    owed_back_id: int
    claim_id: int
    fund: str
    open_fen: int
    top_up_fen: int


@dataclass(frozen=True, slots=True)
class Due:
    """What one decision owes of one fund."""

    claim_id: int
    fund: str
    amount_fen: int
    top_up_fen: int
    settlement_id: int = 0
    account_entry_id: int = 0


_HOLD = text(
    """
    INSERT INTO contractor.owed_back (county_code, claim_id, settlement_id, account_entry_id, fund, payee_kind,
        institution_code, member_id, amount_fen, top_up_fen, reason_code, at, by)
    SELECT CAST(:county_code AS bpchar), held.claim_id, held.settlement_id, held.entry_id, held.fund,
        min(held.payee_kind), min(held.institution_code), min(held.member_id), sum(held.amount_fen),
        sum(held.top_up_fen), :reason, :at, :by
    FROM (
        SELECT claim_id, coalesce(settlement_id, 0) AS settlement_id, coalesce(account_entry_id, 0) AS entry_id, fund,
            payee_kind, institution_code, member_id, amount_fen, top_up_fen
        FROM contractor.payment
        WHERE county_code = :county_code AND claim_id = ANY(:claims) AND state = 'paid'
          AND (settlement_id = ANY(:settlements) OR account_entry_id = ANY(:entries))
        UNION ALL
        SELECT met.claim_id, met.settlement_id, met.account_entry_id, met.fund, debt.payee_kind,
            debt.institution_code, debt.member_id, met.amount_fen, met.top_up_fen
        FROM contractor.set_off AS met
        JOIN contractor.owed_back AS debt ON (debt.county_code, debt.id) = (met.county_code, met.owed_back_id)
        WHERE met.county_code = :county_code AND met.claim_id = ANY(:claims)
          AND ((met.settlement_id <> 0 AND met.settlement_id = ANY(:settlements))
            OR (met.account_entry_id <> 0 AND met.account_entry_id = ANY(:entries)))) AS held
    GROUP BY held.claim_id, held.settlement_id, held.entry_id, held.fund
    ORDER BY held.claim_id, held.fund
    RETURNING id, claim_id, fund, payee_kind, amount_fen
    """
)
_ASSISTANCE = text(
    """
    INSERT INTO contractor.assistance_taken_back
        (county_code, settlement_id, reversal_id, claim_id, member_id, amount_fen, taken_back_at)
    SELECT given.county_code, given.settlement_id, back.id, given.claim_id, given.member_id, given.amount_fen, :at
    FROM contractor.assistance_entitlement AS given
    JOIN contractor.settlement AS back
        ON (back.county_code, back.reverses_settlement_id) = (given.county_code, given.settlement_id)
    WHERE given.county_code = :county_code AND given.settlement_id = ANY(:settlements)
    """
)
_OPEN = text(
    """
    SELECT debt.id, debt.claim_id, debt.fund, debt.amount_fen - met.fen - paid.fen, debt.top_up_fen - met.top_up_fen
    FROM contractor.owed_back AS debt
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_fen), 0) AS fen, coalesce(sum(top_up_fen), 0) AS top_up_fen FROM contractor.set_off
        WHERE (county_code, owed_back_id) = (debt.county_code, debt.id)) AS met
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_fen), 0) AS fen FROM contractor.repayment
        WHERE (county_code, owed_back_id) = (debt.county_code, debt.id) AND confirmed_at IS NOT NULL) AS paid
    WHERE debt.county_code = :county_code AND debt.claim_id = ANY(:claims)
      AND debt.amount_fen > met.fen + paid.fen
    ORDER BY debt.id
    """
)


@dataclass(frozen=True, slots=True)
class OwedBackNow:
    """Money that has reached its payee and is owed back."""

    owed_back_id: int
    claim_id: int
    fund: str
    payee_kind: str
    amount_fen: int


def hold_back(
    session: Session,
    *,
    county_code: str,
    claims: Sequence[int],
    settlements: Sequence[int],
    entries: Sequence[int],
    reason: str,
    at: dt.datetime,
    by: int,
) -> list[OwedBackNow]:
    """Note what was paid or set off for these decisions, which were taken back before this is called.

    The entitlements to medical assistance that they gave go with them: civil affairs pays them no more.
    """
    given = {"county_code": county_code, "claims": list(claims), "settlements": list(settlements), "at": at}
    rows = session.execute(_HOLD, given | {"entries": list(entries), "reason": reason, "by": by}).all()
    session.execute(_ASSISTANCE, {name: given[name] for name in ("county_code", "settlements", "at")})
    return [OwedBackNow(*row) for row in rows]


def held_for(session: Session, county_code: str, claims: Sequence[int]) -> dict[Key, list[Held]]:
    """What is still owed back on these claims, oldest first."""
    found: dict[Key, list[Held]] = {}
    for row in session.execute(_OPEN, {"county_code": county_code, "claims": list(claims)}):
        held = Held(row[0], row[1], row[2], int(row[3]), int(row[4]))
        found.setdefault((held.claim_id, held.fund), []).append(held)
    return found


def set_off(session: Session, dues: Sequence[Due], *, county_code: str, at: dt.datetime) -> dict[int, tuple[int, int]]:
    """Meet what is due from what the payees hold already; by the place of the due what is left to pay.

    Returns: for each place that was met in part or whole, the amount and the top-up that remain.
    """
    held = held_for(session, county_code, sorted({due.claim_id for due in dues}))
    if not held:
        return {}
    left: dict[int, tuple[int, int]] = {}
    rows = []
    for place, due in enumerate(dues):
        amount_fen, top_up_fen = due.amount_fen, due.top_up_fen
        for debt in held.get((due.claim_id, due.fund), ()):
            if not amount_fen:
                break
            met_fen = min(debt.open_fen, amount_fen)
            met_top_up_fen = part_of_top_up(met_fen, amount_fen, top_up_fen, debt.top_up_fen)
            amount_fen, top_up_fen = amount_fen - met_fen, top_up_fen - met_top_up_fen
            rows.append(_row(county_code, due, debt, met_fen, met_top_up_fen, at))
            left[place] = (amount_fen, top_up_fen)
    if rows:
        made = insert(SetOff).returning(SetOff.id, sort_by_parameter_order=True)
        numbered = [row | {"id": number} for row, number in zip(rows, session.scalars(made, rows), strict=True)]
        book_set_offs(session, numbered, county_code=county_code, on=local_day(at))
    return left


def part_of_top_up(met_fen: int, due_fen: int, due_top_up_fen: int, held_top_up_fen: int) -> int:
    """How much of what is met is the top-up: what was paid as such, and at least what the ordinary part cannot take."""
    least_fen = met_fen - (due_fen - due_top_up_fen)
    return max(least_fen, min(held_top_up_fen, due_top_up_fen, met_fen), 0)


def _row(
    county_code: str, due: Due, debt: Held, met_fen: int, met_top_up_fen: int, at: dt.datetime
) -> dict[str, object]:
    return {
        "county_code": county_code,
        "owed_back_id": debt.owed_back_id,
        "claim_id": due.claim_id,
        "settlement_id": due.settlement_id,
        "account_entry_id": due.account_entry_id,
        "fund": due.fund,
        "amount_fen": met_fen,
        "top_up_fen": met_top_up_fen,
        "at": at,
    }
