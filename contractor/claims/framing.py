"""A chunk as the checks read it: columns with the registry's facts looked up for the day that decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from contractor.claims import registry
from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk, ClaimRow, Ground
from contractor.claims.statements import statement
from rulebook.checks import Frames, pairs_of
from rulebook.checks.frames import CLAIM_COLUMNS, DIRECT, INVOICE_COLUMNS, LINE_COLUMNS, MANUAL, OUTPATIENT, columns
from rulebook.checks.frames import STAY_COLUMNS as STAYS

ROUTES = {"direct": DIRECT, "manual": MANUAL, "outpatient": OUTPATIENT}
# A claim that was refused, taken back or withdrawn stands beside no other.
GONE = ("rejected", "withdrawn", "reversed")
DECIDED = ("approved", "on_public_notice")


_SAME_INVOICES = text(
    "SELECT own.id, c.id FROM contractor.claim AS own JOIN contractor.claim AS c "
    "ON c.county_code = own.county_code AND c.institution_code = own.institution_code "
    "AND c.invoice_number = own.invoice_number AND c.id < own.id AND c.state <> ALL(:gone) "
    "WHERE own.county_code = :county_code AND own.id = ANY(CAST(:ids AS bigint[])) ORDER BY own.id, c.id"
)
_STAYS = text(
    "SELECT id, member_id, CASE route WHEN 'direct' THEN 0 WHEN 'manual' THEN 1 ELSE 2 END, institution_code, "
    "admitted_on, discharged_on, diagnosis_code, charged_fen, state = ANY(:decided) FROM contractor.claim "
    "WHERE county_code = :county_code AND member_id = ANY(CAST(:members AS bigint[])) AND state <> ALL(:gone)"
)


def framed(chunk: Chunk) -> Frames:
    """The frames of a chunk: nine statements."""
    claims = columns(CLAIM_COLUMNS, _claims(chunk))
    stays = columns(STAYS, _stays(chunk))
    return Frames(
        claims=claims,
        lines=columns(LINE_COLUMNS, _lines(chunk)),
        stays=stays,
        pairs=pairs_of(claims, stays),
        invoices=columns(INVOICE_COLUMNS, _same_invoices(chunk)),
    )


def _claims(chunk: Chunk) -> dict[str, list[Any]]:
    session, county = chunk.session, chunk.county_code
    people = registry.persons(session, county, chunk.member_ids)
    agreements = registry.agreements(session, county, {claim.institution_code for claim in chunk.claims})
    slips = registry.slips(session, county, {claim.referral_slip for claim in chunk.claims if claim.referral_slip})
    balances = _balances(chunk)
    rows = []
    for row, claim in enumerate(chunk.claims):
        person, ground = people[claim.member_id], chunk.grounds[row]
        decisive_on = ground.deciding.day if isinstance(ground, Ground) else claim.discharged_on
        is_outpatient = claim.route == "outpatient"
        rows.append(
            (
                claim.id,
                claim.member_id,
                ROUTES[claim.route],
                claim.institution_code,
                claim.invoice_number,
                claim.admitted_on,
                claim.discharged_on,
                decisive_on,
                claim.submitted_on,
                claim.diagnosis_code,
                claim.procedure_codes,
                claim.charged_fen,
                claim.advanced_fen,
                claim.receipt_signed_on is not None,
                _has_slip(claim, slips),
                isinstance(ground, Ground) and ground.is_enrolled,
                any(start <= claim.discharged_on < end for start, end in agreements.get(claim.institution_code, ())),
                isinstance(ground, Ground),
                _has_account(chunk, claim, person),
                person.sex,
                person.died_on,
                chunk.bills[row].cost_fen if is_outpatient else 0,
                balances.get(claim.household_id, 0) if is_outpatient else 0,
            )
        )
    return dict(zip(CLAIM_COLUMNS, zip(*rows, strict=True), strict=True))


def _has_slip(claim: ClaimRow, slips: dict[str, registry.Slip]) -> bool:
    slip = slips.get(claim.referral_slip) if claim.referral_slip else None
    return (
        slip is not None
        and slip.member_id == claim.member_id
        and slip.to_institution_code == claim.institution_code
        and slip.valid_from_on <= claim.admitted_on < slip.valid_until_on
    )


def _has_account(chunk: Chunk, claim: ClaimRow, person: registry.KnownPerson) -> bool:
    if claim.route != "manual":
        return chunk.institutions[claim.institution_code].has_account
    return claim.payee_account_sealed is not None or person.has_account


def _balances(chunk: Chunk) -> dict[int, int]:
    """What the accounts of outpatient claims hold now; settling locks them and looks again."""
    households = {claim.household_id for claim in chunk.claims if claim.route == "outpatient"}
    if not households:
        return {}
    rows = chunk.session.execute(
        statement(
            "SELECT household_id, balance_fen FROM contractor.household_account "
            "WHERE county_code = :county_code AND household_id = ANY(CAST(:households AS bigint[]))"
        ),
        {"county_code": chunk.county_code, "households": numbers_text(households)},
    )
    return {row[0]: row[1] for row in rows}


def _lines(chunk: Chunk) -> dict[str, Any]:
    lines = chunk.lines
    codes = lines["item_code"].tolist()
    items = registry.items(chunk.session, chunk.county_code, set(codes))
    # Most items have one entry for good; only where an item has several does the day choose.
    always = {
        code: (known[0].kind, known[0].reserved_sex or "") for code, known in items.items() if _holds_always(known)
    }
    looked_up = [
        always.get(code) or _on_day(items.get(code, ()), performed_on)
        for code, performed_on in zip(codes, lines["performed_on"].tolist(), strict=True)
    ]
    as_they_are = (
        "claim_row", "line_no", "performed_on", "quantity_e4", "unit_price_e4", "price_limit_e4", "catalogue_class",
    )  # fmt: skip
    return {name: lines[name] for name in as_they_are} | {
        "item": codes,
        "kind": [kind for kind, _ in looked_up],
        "reserved_sex": [sex for _, sex in looked_up],
    }


def _holds_always(known: list[registry.KnownItem]) -> bool:
    return len({(item.kind, item.reserved_sex) for item in known}) == 1


def _on_day(known: Sequence[registry.KnownItem], day: dt.date) -> tuple[str, str]:
    for item in known:
        if item.from_on <= day < item.until_on:
            return item.kind, item.reserved_sex or ""
    return "", ""


def _stays(chunk: Chunk) -> dict[str, Any]:
    rows = chunk.session.execute(
        _STAYS,
        {
            "county_code": chunk.county_code,
            "members": numbers_text(chunk.member_ids),
            "gone": list(GONE),
            "decided": list(DECIDED),
        },
    ).all()
    return dict(zip(STAYS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(STAYS, ())


def _same_invoices(chunk: Chunk) -> dict[str, Any]:
    rows = chunk.session.execute(
        _SAME_INVOICES,
        {
            "county_code": chunk.county_code,
            "gone": list(GONE),
            "ids": numbers_text(claim.id for claim in chunk.claims if claim.invoice_number),
        },
    ).all()
    return {"claim_row": [chunk.row_of[row[0]] for row in rows], "other_id": [row[1] for row in rows]}
