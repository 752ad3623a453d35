"""Settling: the engine over a chunk in settlement order, from what each member's year and each account has used up.

The rows of `member_year` and `household_account` are locked in the order of their keys before a number is given, so
two workers on one member give 1, 2, 3 without a gap and without a double.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk, Ground
from contractor.claims.copying import copy_rows, reserved_numbers
from contractor.claims.refusals import NoLawOnDay
from contractor.claims.statements import statement
from rulebook.benefits import Claim, State, state_after, step
from rulebook.benefits.household_account import OUTPATIENT, account_step

SETTLEMENT_COLUMNS = (
    "county_code", "id", "claim_id", "reverses_settlement_id", "member_id", "year", "settlement_no", "admitted_on",
    "discharged_on", "tier", "status_on_admission", "status_on_discharge", "is_supplemented", "cost_fen",
    "class_a_fen", "class_b_fen", "class_c_fen", "schedule_hash", "before_covered_fen", "before_pool_paid_fen",
    "before_burden_fen", "before_serious_paid_fen", "before_supplementary_paid_fen", "before_assistance_paid_fen",
    "eligible_fen", "above_deductible_fen", "base_fen", "top_up_fen", "serious_fen", "supplementary_fen",
    "assistance_fen", "benefits_fen", "member_pays_fen", "decided_at", "decided_by",
)  # fmt: skip
ENTRY_COLUMNS = (
    "county_code", "entry_id", "household_id", "account_no", "kind", "amount_fen", "paid_fen", "balance_fen",
    "claim_id", "reverses_entry_id", "year", "at", "by",
)  # fmt: skip


class Terms(NamedTuple):
    """What a settlement was computed from beside its cost."""

    class_a_fen: int
    class_b_fen: int
    class_c_fen: int
    tier: int
    status_on_admission: int
    status_on_discharge: int
    is_supplemented: int
    schedule_hash: str


class Settled(NamedTuple):
    """One claim's money. Of `settlement_id` and `account_entry_id` one is None; `terms` are those of a settlement."""

    row: int
    settlement_id: int | None
    account_entry_id: int | None
    settlement_no: int
    year: int
    cost_fen: int
    base_fen: int
    top_up_fen: int
    serious_fen: int
    supplementary_fen: int
    assistance_fen: int
    household_account_fen: int
    member_pays_fen: int
    terms: Terms | None = None


def settle(
    chunk: Chunk, rows: Sequence[int], *, at: dt.datetime, by: int | None, keeps_order: bool = False
) -> list[Settled]:
    """Settle some claims of a chunk, in the order of discharge and number. Raises: NoLawOnDay.

    Args:
        keeps_order: the rows stand in the order in which they were settled before, and are settled anew in it.
    """
    in_order = list(rows)
    if not keeps_order:
        in_order.sort(key=lambda row: (chunk.claims[row].discharged_on, chunk.claims[row].id))
    grounds = {row: _ground(chunk, row) for row in in_order}
    inpatient = [row for row in in_order if chunk.claims[row].route != "outpatient"]
    outpatient = [row for row in in_order if chunk.claims[row].route == "outpatient"]
    return [
        *_settle_inpatient(chunk, inpatient, grounds, at=at, by=by),
        *_settle_outpatient(chunk, outpatient, grounds, at=at, by=by),
    ]


def _ground(chunk: Chunk, row: int) -> Ground:
    ground = chunk.grounds[row]
    if not isinstance(ground, Ground):
        raise NoLawOnDay(claim_id=chunk.claims[row].id, day=chunk.claims[row].discharged_on)
    return ground


def _settle_inpatient(
    chunk: Chunk, rows: Sequence[int], grounds: dict[int, Ground], *, at: dt.datetime, by: int | None
) -> list[Settled]:
    if not rows:
        return []
    keys = {row: (chunk.claims[row].member_id, grounds[row].deciding.year) for row in rows}
    years = locked_years(chunk, sorted(set(keys.values())))
    ids = reserved_numbers(chunk.session, "settlement", "id", len(rows))
    settled, written = [], []
    for settlement_id, row in zip(ids, rows, strict=True):
        claim, ground, bill = chunk.claims[row], grounds[row], chunk.bills[row]
        number, before = years[keys[row]]
        outcome = step(Claim(*bill, ground.is_supplemented), before, ground.rules)
        years[keys[row]] = (number + 1, state_after(before, outcome))
        pooled = outcome.pooled
        benefits = (
            pooled.base_fen, pooled.top_up_fen, outcome.serious.paid_fen, outcome.supplementary.paid_fen,
            outcome.assistance.paid_fen,
        )  # fmt: skip
        year, tier = ground.deciding.year, chunk.institutions[claim.institution_code].tier
        terms = Terms(
            bill.class_a_fen, bill.class_b_fen, bill.class_c_fen, tier, ground.status_on_admission,
            ground.status_on_discharge, ground.is_supplemented, ground.deciding.schedule.content_hash,
        )  # fmt: skip
        settled.append(
            Settled(
                row, settlement_id, None, number + 1, year, bill.cost_fen, *benefits, 0, outcome.member_pays_fen, terms
            )
        )
        written.append(
            (
                chunk.county_code, settlement_id, claim.id, 0, claim.member_id, year, number + 1, claim.admitted_on,
                claim.discharged_on, tier, ground.status_on_admission, ground.status_on_discharge,
                ground.is_supplemented, *bill, terms.schedule_hash,
                *before, pooled.eligible_fen, pooled.above_deductible_fen, *benefits, outcome.benefits_fen,
                outcome.member_pays_fen, at, by,
            )
        )  # fmt: skip
    copy_rows(chunk.session, "settlement", SETTLEMENT_COLUMNS, written)
    write_years(chunk, years)
    return settled


def locked_years(chunk: Chunk, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, State]]:
    """The last number and the state of each member-year, locked in the order of the keys; a new year begins at 0."""
    given = {
        "county_code": chunk.county_code,
        "members": numbers_text(member_id for member_id, _ in keys),
        "years": numbers_text(year for _, year in keys),
    }
    chunk.session.execute(
        statement(
            "INSERT INTO contractor.member_year (county_code, member_id, year) SELECT :county_code, member_id, year "
            "FROM unnest(CAST(:members AS bigint[]), CAST(:years AS int[])) AS own (member_id, year) "
            "ORDER BY member_id, year ON CONFLICT DO NOTHING"
        ),
        given,
    )
    rows = chunk.session.execute(
        statement(
            "SELECT y.member_id, y.year, y.last_settlement_no, y.covered_fen, y.pool_paid_fen, y.burden_fen, "
            "y.serious_paid_fen, y.supplementary_paid_fen, y.assistance_paid_fen FROM contractor.member_year AS y "
            "JOIN unnest(CAST(:members AS bigint[]), CAST(:years AS int[])) AS own (member_id, year) "
            "ON y.member_id = own.member_id AND y.year = own.year "
            "WHERE y.county_code = :county_code ORDER BY y.member_id, y.year FOR UPDATE OF y"
        ),
        given,
    ).all()
    return {(row[0], row[1]): (row[2], State(*row[3:])) for row in rows}


def write_years(chunk: Chunk, years: dict[tuple[int, int], tuple[int, State]]) -> None:
    """Write back what the chunk's settlements have used up; the caller holds the rows' locks."""
    states = [state for _, state in years.values()]
    columns = {
        name: numbers_text(column) for name, column in zip(State._fields, zip(*states, strict=True), strict=True)
    }
    names = ", ".join(State._fields)
    arrays = ", ".join(f"CAST(:{name} AS bigint[])" for name in State._fields)
    sets = ", ".join(f"{name} = own.{name}" for name in State._fields)
    chunk.session.execute(
        statement(
            f"UPDATE contractor.member_year AS y SET last_settlement_no = own.number, {sets} "  # noqa: S608
            f"FROM unnest(CAST(:members AS bigint[]), CAST(:years AS int[]), CAST(:numbers AS int[]), {arrays}) "
            f"AS own (member_id, year, number, {names}) "
            f"WHERE y.county_code = :county_code AND y.member_id = own.member_id AND y.year = own.year"
        ),
        {
            "county_code": chunk.county_code,
            "members": numbers_text(member_id for member_id, _ in years),
            "years": numbers_text(year for _, year in years),
            "numbers": numbers_text(number for number, _ in years.values()),
            **columns,
        },
    )


def _settle_outpatient(
    chunk: Chunk, rows: Sequence[int], grounds: dict[int, Ground], *, at: dt.datetime, by: int | None
) -> list[Settled]:
    if not rows:
        return []
    accounts = locked_accounts(chunk, sorted({chunk.claims[row].household_id for row in rows}))
    ids = reserved_numbers(chunk.session, "account_entry", "entry_id", len(rows))
    settled, written = [], []
    for entry_id, row in zip(ids, rows, strict=True):
        claim, cost_fen = chunk.claims[row], chunk.bills[row].cost_fen
        number, balance_fen = accounts[claim.household_id]
        outcome = account_step(OUTPATIENT, cost_fen, balance_fen)
        accounts[claim.household_id] = (number + 1, outcome.after_fen)
        year, left_fen = grounds[row].deciding.year, cost_fen - outcome.paid_fen
        settled.append(
            Settled(row, None, entry_id, number + 1, year, cost_fen, 0, 0, 0, 0, 0, outcome.paid_fen, left_fen)
        )
        written.append(
            (
                chunk.county_code, entry_id, claim.household_id, number + 1, OUTPATIENT, cost_fen, outcome.paid_fen,
                outcome.after_fen, claim.id, 0, year, at, by,
            )
        )  # fmt: skip
    copy_rows(chunk.session, "account_entry", ENTRY_COLUMNS, written)
    write_accounts(chunk, accounts)
    return settled


def locked_accounts(chunk: Chunk, household_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The last number and the balance of each household's account, locked in the order of the households."""
    given = {"county_code": chunk.county_code, "households": numbers_text(household_ids)}
    chunk.session.execute(
        statement(
            "INSERT INTO contractor.household_account (county_code, household_id) SELECT :county_code, household_id "
            "FROM unnest(CAST(:households AS bigint[])) AS own (household_id) ORDER BY household_id "
            "ON CONFLICT DO NOTHING"
        ),
        given,
    )
    rows = chunk.session.execute(
        statement(
            "SELECT household_id, last_account_no, balance_fen FROM contractor.household_account "
            "WHERE county_code = :county_code AND household_id = ANY(CAST(:households AS bigint[])) "
            "ORDER BY household_id FOR UPDATE"
        ),
        given,
    ).all()
    return {row[0]: (row[1], row[2]) for row in rows}


def write_accounts(chunk: Chunk, accounts: dict[int, tuple[int, int]]) -> None:
    """Write back the balances; the caller holds the rows' locks."""
    chunk.session.execute(
        statement(
            "UPDATE contractor.household_account AS a SET last_account_no = own.number, balance_fen = own.balance "
            "FROM unnest(CAST(:households AS bigint[]), CAST(:numbers AS int[]), CAST(:balances AS bigint[])) "
            "AS own (household_id, number, balance) "
            "WHERE a.county_code = :county_code AND a.household_id = own.household_id"
        ),
        {
            "county_code": chunk.county_code,
            "households": numbers_text(accounts),
            "numbers": numbers_text(number for number, _ in accounts.values()),
            "balances": numbers_text(balance for _, balance in accounts.values()),
        },
    )
