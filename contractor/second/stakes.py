"""What is at stake in a decision, with whose household and whose account it is."""

from __future__ import annotations

from collections.abc import Sequence

from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk
from contractor.claims.statements import statement
from contractor.claims.worth import stakes_fen
from contractor.second.policy import Owners, Stake


def owners_of(chunk: Chunk, rows: Sequence[int]) -> list[Owners]:
    """Whose sums each claim adds to: one statement at most."""
    payees = _payees(chunk, rows)
    return [Owners(chunk.claims[row].household_id, payees.get(chunk.claims[row].id)) for row in rows]


def stakes_of(chunk: Chunk, rows: Sequence[int], owners: Sequence[Owners], *, is_refusal: bool = False) -> list[Stake]:
    """The stake of each claim by itself: a constant number of statements. Raises: NoLawOnDay of an approval."""
    amounts = stakes_fen(chunk, rows, is_refusal=is_refusal)
    return [
        Stake(chunk.claims[row].id, chunk.claims[row].version, *whose, fen)
        for row, whose, fen in zip(rows, owners, amounts, strict=True)
    ]


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
