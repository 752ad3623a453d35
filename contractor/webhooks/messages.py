"""What is said of an event. Only numbers and codes: whoever may know more asks the API for it, with a token.

A message is made anew for each try from rows that never change, so that a replay says the same, word for word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from contractor.claims.tables import Claim, ClaimEvent
from contractor.payments.tables import Payment, PaymentEvent
from contractor.webhooks.tables import WebhookDelivery


def event_id(delivery: WebhookDelivery) -> str:
    """The event's own name, the same in every try and for every subscription."""
    return f"{delivery.county_code}-{delivery.subject}-{delivery.subject_id}-{delivery.event_no}"


def bodies(session: Session, county_code: str, deliveries: Sequence[WebhookDelivery]) -> dict[int, bytes]:
    """The body of each delivery, by its number."""
    told = _claims(session, county_code, deliveries) | _payments(session, county_code, deliveries)
    return {
        one.id: json.dumps(
            {
                "id": event_id(one),
                "type": one.event_kind,
                "at": one.happened_at.isoformat(),
                "county_code": county_code,
                "data": told.get((one.subject, one.subject_id, one.event_no), {}),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        for one in deliveries
    }


_Key = tuple[str, int, int]


def _claims(session: Session, county_code: str, deliveries: Sequence[WebhookDelivery]) -> Mapping[_Key, Any]:
    wanted = [(one.subject_id, one.event_no) for one in deliveries if one.subject == "claim"]
    if not wanted:
        return {}
    c, e = Claim, ClaimEvent
    rows = session.execute(
        select(
            e.claim_id, e.event_no, e.event, e.state_after, e.reason_code, e.documents,
            c.claim_number, c.institution_code, c.route,
        )
        .join(c, and_(c.county_code == e.county_code, c.id == e.claim_id))
        .where(e.county_code == county_code, tuple_(e.claim_id, e.event_no).in_(wanted))
    )  # fmt: skip
    return {
        ("claim", row.claim_id, row.event_no): {
            "claim_id": row.claim_id,
            "claim_number": row.claim_number,
            "institution_code": row.institution_code,
            "route": row.route,
            "event": row.event,
            "state": row.state_after,
            "version": row.event_no,
            "reason_code": row.reason_code,
            "documents": row.documents or [],
        }
        for row in rows
    }


def _payments(session: Session, county_code: str, deliveries: Sequence[WebhookDelivery]) -> Mapping[_Key, Any]:
    wanted = [(one.subject_id, one.event_no) for one in deliveries if one.subject == "payment"]
    if not wanted:
        return {}
    p, e = Payment, PaymentEvent
    rows = session.execute(
        select(
            e.payment_id, e.event_no, e.event, e.state_after, p.claim_id, p.fund, p.payee_kind, p.institution_code,
            p.amount_fen, p.end_to_end_id,
        )
        .join(p, and_(p.county_code == e.county_code, p.id == e.payment_id))
        .where(e.county_code == county_code, tuple_(e.payment_id, e.event_no).in_(wanted))
    )  # fmt: skip
    return {
        ("payment", row.payment_id, row.event_no): {
            "payment_id": row.payment_id,
            "claim_id": row.claim_id,
            "fund": row.fund,
            "payee_kind": row.payee_kind,
            "institution_code": row.institution_code,
            "amount_fen": row.amount_fen,
            "end_to_end_id": row.end_to_end_id,
            "event": row.event,
            "state": row.state_after,
        }
        for row in rows
    }
