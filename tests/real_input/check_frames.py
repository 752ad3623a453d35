"""The claims of a mapped county as the columns that `rulebook.checks` reads, without a database between."""

from __future__ import annotations

import datetime as dt
from typing import Any

from contractor.claims.incoming import IncomingClaim
from rulebook.checks.frames import (
    CLAIM_COLUMNS,
    DIRECT,
    INVOICE_COLUMNS,
    LINE_COLUMNS,
    OUTPATIENT,
    STAY_COLUMNS,
    Frames,
    columns,
    pairs_of,
)
from tests.real_input.county import Person, RealCounty

ROUTES = {"direct": DIRECT, "outpatient": OUTPATIENT}
NEVER = dt.date(9999, 12, 31)
FROM_THE_CLAIM = ("admitted_on", "discharged_on", "submitted_on", "charged_fen", "advanced_fen")


def frames_of(county: RealCounty) -> Frames:
    """All claims as one chunk, none of them decided; their numbers follow the order in which they were sent."""
    people = {person.card_number: (number, person) for number, person in enumerate(county.people, 1)}
    rows = [_row(number, claim, *people[claim.card_number]) for number, claim in enumerate(county.claims, 1)]
    claims = columns(CLAIM_COLUMNS, {name: [row[name] for row in rows] for name in CLAIM_COLUMNS})
    stays = columns(STAY_COLUMNS, {name: [row.get(name, False) for row in rows] for name in STAY_COLUMNS})
    return Frames(
        claims=claims,
        lines=columns(LINE_COLUMNS, dict.fromkeys(LINE_COLUMNS, ())),
        stays=stays,
        pairs=pairs_of(claims, stays),
        invoices=columns(INVOICE_COLUMNS, dict.fromkeys(INVOICE_COLUMNS, ())),
    )


def _row(number: int, claim: IncomingClaim, member_id: int, person: Person) -> dict[str, Any]:
    return {
        "claim_id": number,
        "member_id": member_id,
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
        "died_on": person.died_on or NEVER,
        "account_asked_fen": 0,
        "account_balance_fen": 0,
        **{name: getattr(claim, name) for name in FROM_THE_CLAIM},
    }
