"""Papers of claims: of the own county and institution, of another county, of another institution."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from contractor.claims.tables import ClaimEvent
from contractor.documents.tables import ClaimDocument
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes
from tests.authorisation.objects_claims import NOBODY, claims


@makes("claim_document", "contractor")
def documents(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    of = claims(session, at, keyring)
    states = ("received", "awaiting_documents")
    return Records(
        own={state: _document(session, OWN, of.own[state], at) for state in states},
        other=_document(session, OTHER, of.other, at),
        nowhere=of.nowhere | {"document_id": NOBODY, "page_no": 1},
        fields={"reason": "试验用的说明"},
        own_of={"township": {state: _document(session, OWN, of.own_of["township"][state], at) for state in states}},
        beyond={role: _document(session, OWN, values, at) for role, values in of.beyond.items()},
    )


@makes("decided_claim", "contractor")
def decided_claims(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    of = claims(session, at, keyring)
    of_township = of.own_of["township"]["rejected"]
    for values in (of.own["rejected"], of_township):
        refused = {"event_no": 1, "event": "rejected", "state_after": "rejected", "reason_code": "duplicate"}
        session.execute(insert(ClaimEvent).values(county_code=OWN, at=at, acted_by=NOBODY, **refused, **values))
    return Records(
        own={"rejected": of.own["rejected"]},
        other=of.other,
        nowhere=of.nowhere,
        own_of={"township": {"rejected": of_township}},
        beyond=of.beyond,
    )


def _document(session: Session, county_code: str, claim: UrlValues, at: dt.datetime) -> UrlValues:
    d = ClaimDocument
    values = {
        "county_code": county_code,
        "claim_id": claim["claim_id"],
        "paper": "invoice",
        "file_name": "发票.pdf",
        "media_type": "application/pdf",
        "came_sha256": secrets.token_bytes(32),
        "came_bytes": 1,
        "shown_sha256": bytes(32),
        "shown_bytes": 1,
        "page_count": 1,
        "pages": [[1, 1, 1]],
        "stored_as": secrets.token_hex(16),
        "added_at": at,
        "added_by": NOBODY,
    }
    document_id = session.execute(insert(d).values(values).returning(d.id)).scalar_one()
    return {"claim_id": claim["claim_id"], "document_id": document_id, "page_no": 1}
