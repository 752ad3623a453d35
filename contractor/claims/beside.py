"""What stands beside the claims of a chunk: other stays of the same people, invoices, accounts, and what like costs.

Each is one statement however many claims there are, and none where nothing is to be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk
from contractor.claims.statements import statement
from rulebook.checks.frames import PEER_COLUMNS, category_of

# A claim that was refused, taken back or withdrawn stands beside no other.
GONE = ("rejected", "withdrawn", "reversed")

_SAME_INVOICES = text(
    "SELECT own.id, c.id FROM contractor.claim AS own JOIN contractor.claim AS c "
    "ON c.county_code = own.county_code AND c.institution_code = own.institution_code "
    "AND c.invoice_number = own.invoice_number AND c.id < own.id AND c.state <> ALL(:gone) "
    "WHERE own.county_code = :county_code AND own.id = ANY(CAST(:ids AS bigint[])) ORDER BY own.id, c.id"
)
# In the order of the frame's columns, but for the slip: whether it is good is the registry's to say.
_STAYS = text(
    "SELECT id, member_id, CASE route WHEN 'direct' THEN 0 WHEN 'manual' THEN 1 ELSE 2 END, institution_code, "
    "admitted_on, discharged_on, diagnosis_code, procedure_codes, charged_fen, referral_slip, "
    "assessed_at IS NOT NULL FROM contractor.claim "
    "WHERE county_code = :county_code AND member_id = ANY(CAST(:members AS bigint[])) AND state <> ALL(:gone)"
)
_SAME_PAYEES = text(
    "SELECT DISTINCT own.id, c.member_id, c.household_id FROM contractor.claim AS own JOIN contractor.claim AS c "
    "ON c.county_code = own.county_code AND c.payee_account_index = own.payee_account_index AND c.id <> own.id "
    "AND c.state <> ALL(:gone) "
    "WHERE own.county_code = :county_code AND own.id = ANY(CAST(:ids AS bigint[])) ORDER BY 1, 2"
)
# Lines by item and amount: neither the order of a bill's lines nor their days make it another bill.
_BILLS = text(
    "SELECT claim_id, md5(string_agg(item_code || ' ' || charged_fen, chr(31) ORDER BY item_code, charged_fen)) "
    "FROM contractor.claim_line WHERE county_code = :county_code AND claim_id = ANY(CAST(:ids AS bigint[])) "
    "GROUP BY claim_id"
)
NOTHING_KNOWN = (0, 0.0, 0.0, 0.0, 0.0, 0.0)


def stays(chunk: Chunk) -> Sequence[Sequence[Any]]:
    """Every claim of the same members that stands, with the number of its slip in the place of `has_slip`."""
    return chunk.session.execute(
        _STAYS,
        {"county_code": chunk.county_code, "members": numbers_text(chunk.member_ids), "gone": list(GONE)},
    ).all()


def same_invoices(chunk: Chunk) -> list[tuple[int, int]]:
    """Rows of the chunk and the numbers of earlier claims with their invoice."""
    rows = chunk.session.execute(
        _SAME_INVOICES,
        {
            "county_code": chunk.county_code,
            "gone": list(GONE),
            "ids": numbers_text(claim.id for claim in chunk.claims if claim.invoice_number),
        },
    )
    return [(chunk.row_of[row[0]], row[1]) for row in rows]


def same_payees(chunk: Chunk) -> list[tuple[int, int, int]]:
    """Rows of the chunk, and member and household of who else's claims name the same account."""
    named = [claim.id for claim in chunk.claims if claim.payee_account_sealed is not None]
    if not named:
        return []
    rows = chunk.session.execute(
        _SAME_PAYEES, {"county_code": chunk.county_code, "gone": list(GONE), "ids": numbers_text(named)}
    )
    return [(chunk.row_of[row[0]], row[1], row[2]) for row in rows]


def peers(chunk: Chunk) -> list[Sequence[Any]]:
    """For each claim what its like cost by last night's measure."""
    categories = [category_of(claim.diagnosis_code) for claim in chunk.claims]
    rows = chunk.session.execute(
        statement(
            f"SELECT category, tier, {', '.join(PEER_COLUMNS)} FROM contractor.peer_statistic "  # noqa: S608
            "WHERE county_code = :county_code AND category = ANY(:categories)"
        ),
        {"county_code": chunk.county_code, "categories": sorted(set(categories))},
    )
    known: dict[tuple[str, int], Sequence[Any]] = {(row[0], row[1]): row[2:] for row in rows}
    tiers = {code: institution.tier for code, institution in chunk.institutions.items()}
    return [
        known.get((category, tiers[claim.institution_code]), NOTHING_KNOWN) if claim.route != "outpatient"
        else NOTHING_KNOWN
        for category, claim in zip(categories, chunk.claims, strict=True)
    ]  # fmt: skip


def bills(chunk: Chunk, claim_ids: Sequence[int]) -> dict[int, str]:
    """The lines of some claims' bills as one text each: equal texts are equal bills."""
    if not claim_ids:
        return {}
    rows = chunk.session.execute(_BILLS, {"county_code": chunk.county_code, "ids": numbers_text(claim_ids)})
    return {row[0]: row[1] for row in rows}
