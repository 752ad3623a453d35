"""What an approval of claims would give at this moment, and what was taken off them; nothing is written.

Whoever decides by it locks the members' years and the households' accounts first, so that it is what is settled.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session

from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk, Ground
from contractor.claims.refusals import NoLawOnDay
from contractor.claims.settling import locked_accounts, locked_years
from contractor.claims.statements import statement
from rulebook.benefits import NEW_YEAR, Claim, State, step
from rulebook.benefits.household_account import OUTPATIENT, account_step

Key = tuple[int, int]
"""A member and a year, or a household and 0."""


def lock_worth(chunk: Chunk, rows: Sequence[int]) -> None:
    """The years and accounts that these claims would use up, ours until the end; as settling locks them."""
    years = {_year(chunk, row) for row in rows if chunk.claims[row].route != "outpatient"}
    if known := sorted(year for year in years if year is not None):
        locked_years(chunk, known)
    if households := sorted(
        {chunk.claims[row].household_id for row in rows if chunk.claims[row].route == "outpatient"}
    ):
        locked_accounts(chunk, households)


def stakes_fen(chunk: Chunk, rows: Sequence[int], *, is_refusal: bool = False) -> list[int]:
    """What is at stake in each claim by itself: what it would give, and what was taken off its lines.

    Raises: NoLawOnDay of an approval.
    """
    reduced = np.zeros(len(chunk.claims), dtype=np.int64)
    np.add.at(reduced, chunk.lines["claim_row"], chunk.lines["reduced_fen"])
    worth = worth_fen(chunk, rows, is_refusal=is_refusal)
    return [fen + int(reduced[row]) for row, fen in zip(rows, worth, strict=True)]


def worth_fen(chunk: Chunk, rows: Sequence[int], *, is_refusal: bool = False) -> list[int]:
    """What each claim by itself would give: a constant number of statements. Raises: NoLawOnDay of an approval."""
    years = years_now(
        chunk.session, chunk.county_code,
        sorted({key for row in rows if chunk.claims[row].route != "outpatient" and (key := _year(chunk, row))}),
    )  # fmt: skip
    visits = {row: (chunk.claims[row].household_id, 0) for row in rows if chunk.claims[row].route == "outpatient"}
    balances = balances_now(chunk.session, chunk.county_code, sorted(set(visits.values())))
    found = []
    for row in rows:
        ground, bill = chunk.grounds[row], chunk.bills[row]
        if row in visits:
            found.append(account_step(OUTPATIENT, bill.cost_fen, balances.get(visits[row], 0)).paid_fen)
        elif isinstance(ground, Ground):
            before = years.get((chunk.claims[row].member_id, ground.deciding.year), NEW_YEAR)
            found.append(step(Claim(*bill, ground.is_supplemented), before, ground.rules).benefits_fen)
        elif is_refusal:
            # Without a law nothing would be paid, so that nothing but the cost says what is refused.
            found.append(bill.cost_fen)
        else:
            raise NoLawOnDay(claim_id=chunk.claims[row].id, day=chunk.claims[row].discharged_on)
    return found


def years_now(session: Session, county_code: str, keys: Sequence[Key]) -> dict[Key, State]:
    """What these member-years have used up at this moment, unlocked: for a preview."""
    rows = session.execute(
        statement(
            "SELECT y.member_id, y.year, y.covered_fen, y.pool_paid_fen, y.burden_fen, y.serious_paid_fen, "
            "y.supplementary_paid_fen, y.assistance_paid_fen FROM contractor.member_year AS y "
            "JOIN unnest(CAST(:members AS bigint[]), CAST(:years AS int[])) AS own (member_id, year) "
            "ON y.member_id = own.member_id AND y.year = own.year WHERE y.county_code = :county_code"
        ),
        {
            "county_code": county_code,
            "members": numbers_text(member for member, _year in keys),
            "years": numbers_text(year for _member, year in keys),
        },
    )
    return {(row[0], row[1]): State(*row[2:]) for row in rows}


def balances_now(session: Session, county_code: str, keys: Sequence[Key]) -> dict[Key, int]:
    """What is left in these households' accounts at this moment."""
    rows = session.execute(
        statement(
            "SELECT household_id, balance_fen FROM contractor.household_account WHERE county_code = :county_code "
            "AND household_id = ANY(CAST(:households AS bigint[]))"
        ),
        {"county_code": county_code, "households": numbers_text(household for household, _ in keys)},
    )
    return {(row[0], 0): row[1] for row in rows}


def _year(chunk: Chunk, row: int) -> Key | None:
    ground = chunk.grounds[row]
    return (chunk.claims[row].member_id, ground.deciding.year) if isinstance(ground, Ground) else None
