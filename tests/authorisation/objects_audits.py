"""Recomputations, and a claim the contractor has published, of the own county and of another."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from demo import county
from oversight.audits.tables import Recomputation
from oversight.registry.tables import Division
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes

NOBODY = 999_999_999


@makes("recomputation", "county")
def recomputations(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    if session.get(Division, OWN) is None:
        county.write_divisions(session)

    def of(county_code: str) -> UrlValues:
        run = Recomputation(county_code=county_code, occasion="nightly", asked_at=at)
        session.add(run)
        session.flush()
        return _run(county_code, run.id)

    return Records(own={"": of(OWN)}, other=of(OTHER), nowhere=_run(OWN, NOBODY))


def _run(county_code: str, recomputation_id: int) -> UrlValues:
    return {"county_code": county_code, "recomputation_id": recomputation_id, "file_type": "csv"}


@makes("published_claim", "county")
def claims(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    """Claims the insurer's makers have written: the county only reads what is published."""
    numbers = {}
    for county_code in (OWN, OTHER):
        numbers[county_code] = session.scalar(
            text("SELECT min(claim_id) FROM contractor.published_claims WHERE county_code = :county"),
            {"county": county_code},
        )
        assert numbers[county_code], "the workspace is tried before the portal, on the same database"
    return Records(
        own={"": {"county_code": OWN, "claim_id": numbers[OWN]}},
        other={"county_code": OTHER, "claim_id": numbers[OTHER]},
        nowhere={"county_code": OWN, "claim_id": NOBODY},
    )
