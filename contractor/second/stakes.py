"""What is at stake in a decision: what an approval would give at this moment, and what the reviewer took off.

Reading alone, from the member's year as it stands; a reduction counts too, for it falls on somebody.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk, Ground
from contractor.claims.refusals import NoLawOnDay
from contractor.claims.statements import statement
from contractor.corrections.standing import balances_now, years_now
from contractor.second.policy import Stake
from rulebook.benefits import NEW_YEAR, Claim, step
from rulebook.benefits.household_account import OUTPATIENT, account_step


def stakes_of(chunk: Chunk, rows: Sequence[int], *, is_refusal: bool = False) -> list[Stake]:
    """The stake of each claim by itself: a constant number of statements. Raises: NoLawOnDay of an approval."""
    amounts = worth_fen(chunk, rows, is_refusal=is_refusal)
    reduced = np.zeros(len(chunk.claims), dtype=np.int64)
    np.add.at(reduced, chunk.lines["claim_row"], chunk.lines["reduced_fen"])
    payees = _payees(chunk, rows)
    return [
        Stake(
            chunk.claims[row].id, chunk.claims[row].version, chunk.claims[row].household_id,
            payees.get(chunk.claims[row].id), amount_fen + int(reduced[row]),
        )
        for row, amount_fen in zip(rows, amounts, strict=True)
    ]  # fmt: skip


def worth_fen(chunk: Chunk, rows: Sequence[int], *, is_refusal: bool = False) -> list[int]:
    grounds = {row: chunk.grounds[row] for row in rows}
    stays = [row for row in rows if chunk.claims[row].route != "outpatient"]
    keys = {
        row: (chunk.claims[row].member_id, g.deciding.year) for row in stays if isinstance(g := grounds[row], Ground)
    }
    years = years_now(chunk.session, chunk.county_code, sorted(set(keys.values())))
    visits = {row: (chunk.claims[row].household_id, 0) for row in rows if chunk.claims[row].route == "outpatient"}
    balances = balances_now(chunk.session, chunk.county_code, sorted(set(visits.values())))
    found = []
    for row in rows:
        ground, bill = grounds[row], chunk.bills[row]
        if row in visits:
            found.append(account_step(OUTPATIENT, bill.cost_fen, balances.get(visits[row], 0)).paid_fen)
        elif isinstance(ground, Ground):
            before = years.get(keys[row], NEW_YEAR)
            found.append(step(Claim(*bill, ground.is_supplemented), before, ground.rules).benefits_fen)
        elif is_refusal:
            # Without a law nothing would be paid, so that nothing but the cost says what is refused.
            found.append(bill.cost_fen)
        else:
            raise NoLawOnDay(claim_id=chunk.claims[row].id, day=chunk.claims[row].discharged_on)
    return found


def _payees(chunk: Chunk, rows: Sequence[int]) -> dict[int, bytes]:
    """The blind index of each person's account that would be paid; on the other routes an institution is."""
    manual = [chunk.claims[row].id for row in rows if chunk.claims[row].route == "manual"]
    if not manual:
        return {}
    found = chunk.session.execute(
        statement(
            "SELECT c.id, coalesce(c.payee_account_index, m.bank_account_index) FROM contractor.claim AS c "
            "LEFT JOIN registry.published_member AS m ON (m.county_code, m.id) = (c.county_code, c.member_id) "
            "WHERE c.county_code = :county_code AND c.id = ANY(CAST(:ids AS bigint[])) "
            "AND coalesce(c.payee_account_index, m.bank_account_index) IS NOT NULL"
        ),
        {"county_code": chunk.county_code, "ids": numbers_text(manual)},
    )
    return {row[0]: bytes(row[1]) for row in found}
