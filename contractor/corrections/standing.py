"""Decisions that stand, in the order in which they used up their year or account; each question is one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from contractor.claims.arrays import numbers_text
from contractor.claims.statements import statement
from contractor.claims.worth import Key
from contractor.payments.taking_back import ON_ITS_WAY

STAY_FUNDS = ("pooled", "serious", "supplementary", "assistance")
VISIT_FUNDS = ("household_account",)
_STANDS = (
    "s.county_code = :county_code AND s.reverses_settlement_id = 0 AND NOT EXISTS (SELECT "
    "FROM contractor.settlement AS r WHERE (r.county_code, r.reverses_settlement_id) = (s.county_code, s.id))"
)
_ENTRY_STANDS = (
    "e.county_code = :county_code AND e.kind = 2 AND NOT EXISTS (SELECT "
    "FROM contractor.account_entry AS r WHERE (r.county_code, r.reverses_entry_id) = (e.county_code, e.entry_id))"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which decisions a wrong rule may have touched.

    Args:
        from_on, until_on: days of discharge, half open.
        item_code: an entry of the catalogue; empty where a schedule was wrong.
    """

    from_on: dt.date
    until_on: dt.date
    item_code: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One decision that stands: what it used up, and what it gives by fund."""

    claim_id: int
    claim_version: int
    is_visit: bool
    key: Key
    number: int
    settlement_id: int
    account_entry_id: int
    gives: dict[str, int]
    used: tuple[int, ...]
    """Of a stay what it used up of its year, as the fields of State; of a visit what it took from the account."""

    @property
    def total_fen(self) -> int:
        return sum(self.gives.values())


def stays_touched(session: Session, county_code: str, scope: Scope, *, after: int, limit: int) -> list[tuple[int, int]]:
    """Member and claim of standing stays in the scope, by member; of the last member perhaps not all."""
    within = (
        "AND EXISTS (SELECT FROM contractor.claim_line AS l WHERE (l.county_code, l.claim_id) "
        "= (s.county_code, s.claim_id) AND l.item_code = :item_code) "
        if scope.item_code
        else ""
    )
    rows = session.execute(
        statement(
            f"SELECT s.member_id, s.claim_id FROM contractor.settlement AS s WHERE {_STANDS} "  # noqa: S608
            f"AND s.member_id > :after AND s.discharged_on >= :from_on AND s.discharged_on < :until_on {within}"
            "ORDER BY s.member_id, s.claim_id LIMIT :limit"
        ),
        _asked(county_code, scope, after, limit),
    )
    return [(row[0], row[1]) for row in rows]


def visits_touched(
    session: Session, county_code: str, scope: Scope, *, after: int, limit: int
) -> list[tuple[int, int]]:
    """Household and claim of standing visits with the item; a schedule's other numbers do not reach a visit."""
    if not scope.item_code:
        return []
    rows = session.execute(
        statement(
            f"SELECT e.household_id, e.claim_id FROM contractor.account_entry AS e "  # noqa: S608
            f"JOIN contractor.claim AS c ON (c.county_code, c.id) = (e.county_code, e.claim_id) WHERE {_ENTRY_STANDS} "
            "AND e.household_id > :after AND c.discharged_on >= :from_on AND c.discharged_on < :until_on "
            "AND EXISTS (SELECT FROM contractor.claim_line AS l WHERE (l.county_code, l.claim_id) "
            "= (c.county_code, c.id) AND l.item_code = :item_code) "
            "ORDER BY e.household_id, e.claim_id LIMIT :limit"
        ),
        _asked(county_code, scope, after, limit),
    )
    return [(row[0], row[1]) for row in rows]


def _asked(county_code: str, scope: Scope, after: int, limit: int) -> dict[str, object]:
    asked: dict[str, object] = {
        "county_code": county_code, "after": after, "limit": limit, "from_on": scope.from_on,
        "until_on": scope.until_on,
    }  # fmt: skip
    return asked | ({"item_code": scope.item_code} if scope.item_code else {})


def years_from(session: Session, county_code: str, claim_ids: Sequence[int]) -> list[Standing]:
    """The standing stays of the same member-years from the first of these claims on, in settlement order."""
    rows = session.execute(
        statement(
            "WITH cause AS (SELECT s.member_id, s.year, min(s.settlement_no) AS first_no "  # noqa: S608
            f"FROM contractor.settlement AS s WHERE {_STANDS} AND s.claim_id = ANY(CAST(:ids AS bigint[])) "
            "GROUP BY s.member_id, s.year) "
            "SELECT s.*, c.version FROM cause JOIN contractor.settlement AS s "
            "ON s.member_id = cause.member_id AND s.year = cause.year AND s.settlement_no >= cause.first_no "
            f"JOIN contractor.claim AS c ON (c.county_code, c.id) = (s.county_code, s.claim_id) WHERE {_STANDS} "
            "ORDER BY s.member_id, s.year, s.settlement_no"
        ),
        {"county_code": county_code, "ids": numbers_text(claim_ids)},
    )
    return [_stay(row) for row in rows]


def later_in_year(session: Session, county_code: str, settlement_id: int) -> list[int]:
    """The claims of the standing stays of a member's year that were settled after this one."""
    return list(
        session.scalars(
            statement(
                "SELECT s.claim_id FROM contractor.settlement AS s JOIN contractor.settlement AS gone "  # noqa: S608
                "ON (gone.county_code, gone.id) = (:county_code, :settlement_id) AND gone.member_id = s.member_id "
                f"AND gone.year = s.year AND s.settlement_no > gone.settlement_no WHERE {_STANDS} "
                "ORDER BY s.settlement_no"
            ),
            {"county_code": county_code, "settlement_id": settlement_id},
        )
    )


def accounts_from(session: Session, county_code: str, claim_ids: Sequence[int]) -> list[Standing]:
    """The standing visits of the same household accounts from the first of these claims on, in the account's order."""
    rows = session.execute(
        statement(
            "WITH cause AS (SELECT e.household_id, min(e.account_no) AS first_no "  # noqa: S608
            f"FROM contractor.account_entry AS e WHERE {_ENTRY_STANDS} "
            "AND e.claim_id = ANY(CAST(:ids AS bigint[])) GROUP BY e.household_id) "
            "SELECT e.entry_id, e.claim_id, e.household_id, e.account_no, e.paid_fen, c.version FROM cause "
            "JOIN contractor.account_entry AS e "
            "ON e.household_id = cause.household_id AND e.account_no >= cause.first_no "
            f"JOIN contractor.claim AS c ON (c.county_code, c.id) = (e.county_code, e.claim_id) WHERE {_ENTRY_STANDS} "
            "ORDER BY e.household_id, e.account_no"
        ),
        {"county_code": county_code, "ids": numbers_text(claim_ids)},
    )
    return [
        Standing(
            row.claim_id, row.version, True, (row.household_id, 0), row.account_no, 0, row.entry_id,
            {"household_account": row.paid_fen}, (row.paid_fen,),
        )
        for row in rows
    ]  # fmt: skip


def on_their_way(session: Session, county_code: str, claim_ids: Sequence[int]) -> set[int]:
    """Claims with a payment in a batch or at the bank, refused or sent back: these wait for its end."""
    return set(
        session.scalars(
            statement(
                "SELECT claim_id FROM contractor.payment WHERE county_code = :county_code "
                "AND claim_id = ANY(CAST(:ids AS bigint[])) AND state = ANY(:states)"
            ),
            {"county_code": county_code, "ids": numbers_text(claim_ids), "states": list(ON_ITS_WAY)},
        )
    )


def _stay(row: Row[Any]) -> Standing:
    pool_fen = row.base_fen + row.top_up_fen
    gives = {
        "pooled": pool_fen,
        "serious": row.serious_fen,
        "supplementary": row.supplementary_fen,
        "assistance": row.assistance_fen,
    }
    used = (
        row.above_deductible_fen, pool_fen, row.eligible_fen - pool_fen, row.serious_fen, row.supplementary_fen,
        row.assistance_fen,
    )  # fmt: skip
    return Standing(
        row.claim_id, row.version, False, (row.member_id, row.year), row.settlement_no, row.id, 0, gives, used
    )
