"""The claims of a mapped county as the columns that `rulebook.checks` reads, without a database between."""

from __future__ import annotations

import datetime as dt
from typing import Any

from contractor.claims.incoming import IncomingClaim
from rulebook.checks.frames import (
    CLAIM_COLUMNS,
    DIRECT,
    INVOICE_COLUMNS,
    ITEM_COLUMNS,
    LINE_COLUMNS,
    OUTPATIENT,
    PAYEE_COLUMNS,
    PEER_COLUMNS,
    STAY_COLUMNS,
    Frames,
    columns,
    pairs_of,
    rows_of,
)
from tests.real_input.county import Person, RealCounty

ROUTES = {"direct": DIRECT, "outpatient": OUTPATIENT}
NEVER = dt.date(9999, 12, 31)
FROM_THE_CLAIM = ("admitted_on", "discharged_on", "submitted_on", "charged_fen", "advanced_fen")


def frames_of(county: RealCounty) -> Frames:
    """All claims as one chunk, none of them looked at; their numbers follow the order in which they were sent."""
    people = {person.card_number: (number, person) for number, person in enumerate(county.people, 1)}
    tiers = {each.code: each.tier for each in county.institutions}
    rows = [
        _row(number, claim, *people[claim.card_number]) | {"tier": tiers[claim.institution_code]}
        for number, claim in enumerate(county.claims, 1)
    ]
    claims = columns(CLAIM_COLUMNS, {name: [row[name] for row in rows] for name in CLAIM_COLUMNS})
    stays = columns(STAY_COLUMNS, {name: [row.get(name, False) for row in rows] for name in STAY_COLUMNS})
    items = {item.item_code: number for number, item in enumerate(county.items)}
    lines = [
        (row, line.line_no, items[line.item_code], line.performed_on, line.quantity_e4, line.unit_price_e4, -1, 1)
        for row, claim in enumerate(county.claims)
        for line in claim.lines
    ]
    return Frames(
        claims=claims,
        lines=rows_of(LINE_COLUMNS, lines),
        items=rows_of(ITEM_COLUMNS, [(item.item_code, item.name, item.kind, "") for item in county.items]),
        stays=stays,
        pairs=pairs_of(claims, stays),
        invoices=rows_of(INVOICE_COLUMNS, []),
        payees=rows_of(PAYEE_COLUMNS, []),
        peers=rows_of(PEER_COLUMNS, [(0, 0.0, 0.0, 0.0, 0.0, 0.0)] * len(rows)),
        bills={number: bill_of(claim) for number, claim in enumerate(county.claims, 1)},
    )


def bill_of(claim: IncomingClaim) -> str:
    """The lines by item and amount, in no order of their own."""
    return " ".join(sorted(f"{line.item_code}:{line.charged_fen}" for line in claim.lines))


def _row(number: int, claim: IncomingClaim, member_id: int, person: Person) -> dict[str, Any]:
    return {
        "claim_id": number,
        "member_id": member_id,
        "household_id": member_id,
        "route": ROUTES[claim.route],
        "institution": claim.institution_code,
        "invoice": claim.invoice_number,
        "decisive_on": claim.discharged_on,
        "diagnosis": claim.diagnosis_code,
        "procedures": claim.procedure_codes,
        "has_receipt": claim.receipt_signed_on is not None,
        "has_slip": bool(claim.referral_slip),
        "is_enrolled": claim.discharged_on.year in person.enrolled_years,
        "is_designated": True,
        "has_law": True,
        "has_account": True,
        "sex": person.sex,
        "born_on": person.born_on,
        "died_on": person.died_on or NEVER,
        "account_asked_fen": 0,
        "account_balance_fen": 0,
        **{name: getattr(claim, name) for name in FROM_THE_CLAIM},
    }
